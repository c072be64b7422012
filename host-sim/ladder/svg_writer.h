// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bivouac::sim::ladder {

/// `text` as it may stand in XML, between tags and in attributes.
std::string escaped(std::string_view text);

using Point = std::pair<int, int>;

/// The few shapes that a ladder diagram needs. Looks are classes of one style sheet.
class SvgWriter {
 public:
  void line(Point a, Point b, std::string_view look);
  /// Open; `marker` is the id of what stands at its end, or empty.
  void path(const std::vector<Point>& points, std::string_view look, std::string_view marker = {});
  void polygon(const std::vector<Point>& points, std::string_view look);
  void rectangle(Point corner, int width, int height, std::string_view look, int radius = 0);
  void text(Point at, std::string_view look, std::string_view text);
  /// Along a line that sinks by `fall` over `run`.
  void text_along(Point at, int fall, int run, std::string_view look, std::string_view text);
  void raw(std::string_view xml) { xml_ += xml; }

  const std::string& xml() const { return xml_; }

 private:
  void points(const std::vector<Point>& list);

  std::string xml_;
};

}  // namespace bivouac::sim::ladder
