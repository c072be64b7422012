// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/svg_writer.h"

#include <cstdlib>

namespace bivouac::sim::ladder {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}
std::string attribute(std::string_view name, int value) {
  return attribute(name, std::to_string(value));
}

/// A quotient with three decimals, without floating point.
std::string quotient(int numerator, int denominator) {
  const int thousandths = numerator * 1000 / denominator;
  std::string digits = std::to_string(std::abs(thousandths) % 1000);
  digits.insert(0, 3 - digits.size(), '0');
  return (thousandths < 0 ? "-" : "") + std::to_string(std::abs(thousandths) / 1000) + "." + digits;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: {
        const bool is_control = static_cast<unsigned char>(letter) < 0x20U || letter == 0x7F;
        result += is_control ? ' ' : letter;  // XML has no place for them
      }
    }
  }
  return result;
}

void SvgWriter::line(Point a, Point b, std::string_view look) {
  xml_ += "<line" + attribute("class", look) + attribute("x1", a.first) +
          attribute("y1", a.second) + attribute("x2", b.first) + attribute("y2", b.second) + "/>\n";
}

void SvgWriter::points(const std::vector<Point>& list) {
  xml_ += " points=\"";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i != 0) xml_ += " ";
    xml_ += std::to_string(list[i].first) + "," + std::to_string(list[i].second);
  }
  xml_ += "\"";
}

void SvgWriter::path(const std::vector<Point>& list, std::string_view look,
                     std::string_view marker) {
  xml_ += "<polyline" + attribute("class", look);
  points(list);
  if (!marker.empty()) xml_ += attribute("marker-end", "url(#" + std::string(marker) + ")");
  xml_ += "/>\n";
}

void SvgWriter::polygon(const std::vector<Point>& list, std::string_view look) {
  xml_ += "<polygon" + attribute("class", look);
  points(list);
  xml_ += "/>\n";
}

void SvgWriter::rectangle(Point corner, int width, int height, std::string_view look, int radius) {
  xml_ += "<rect" + attribute("class", look) + attribute("x", corner.first) +
          attribute("y", corner.second) + attribute("width", width) + attribute("height", height);
  if (radius != 0) xml_ += attribute("rx", radius);
  xml_ += "/>\n";
}

void SvgWriter::text(Point at, std::string_view look, std::string_view text) {
  xml_ += "<text" + attribute("class", look) + attribute("x", at.first) +
          attribute("y", at.second) + ">" + escaped(text) + "</text>\n";
}

void SvgWriter::text_along(Point at, int fall, int run, std::string_view look,
                           std::string_view text) {
  xml_ +=
      "<text" + attribute("class", look) +
      attribute("transform", "matrix(1 " + quotient(fall, run) + " 0 1 " +
                                 std::to_string(at.first) + " " + std::to_string(at.second) + ")") +
      ">" + escaped(text) + "</text>\n";
}

}  // namespace bivouac::sim::ladder
