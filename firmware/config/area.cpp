// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/area.h"

#include "core/base/limits.h"

namespace bivouac::firmware {
namespace {

constexpr std::uint64_t inner_radius_max = 65'535;
constexpr std::uint64_t uncertainty_radius_max = 127;
constexpr std::uint64_t angle_max = 179;

bool read_point(const Value& value, std::string_view key, Fields& fields, AreaPoint& out) {
  const std::string expected = "[latitude, longitude], each an integer from 0 to " +
                               std::to_string(limits::area_coordinate_max);
  bool good = value.kind == Value::Kind::array && value.items.size() == 2;
  for (const Value& item : value.items) {
    good = good && item.kind == Value::Kind::integer && item.integer >= 0 &&
           item.integer <= std::int64_t{limits::area_coordinate_max};
  }
  if (!good) {
    fields.wrong(value, key, expected);
    return false;
  }
  out.latitude = static_cast<std::uint32_t>(value.items[0].integer);
  out.longitude = static_cast<std::uint32_t>(value.items[1].integer);
  return true;
}

void read_corners(const Value& value, Fields& area_fields, Area& area) {
  if (value.kind != Value::Kind::array || value.items.size() < limits::area_corners_min ||
      value.items.size() > limits::area_corners_max) {
    area_fields.wrong(value, "corners", "a list of 3 to 15 corners [latitude, longitude]");
    return;
  }
  for (const Value& item : value.items) {
    AreaPoint point;
    if (read_point(item, "corners", area_fields, point)) area.corners.push_back(point);
  }
}

std::string write_point(const AreaPoint& point) {
  return '[' + std::to_string(point.latitude) + ", " + std::to_string(point.longitude) + ']';
}

}  // namespace

void read_area(Fields& fields, std::string_view key, std::optional<Area>& out) {
  const Value* value = fields.table(key);
  if (value == nullptr) return;
  Fields area_fields(*value, fields.name() + ' ' + std::string(key), fields.problems());
  Area area;
  const Value* corners = area_fields.find("corners");
  const Value* centre = area_fields.find("centre");
  area_fields.unsigned_number("inner_radius", area.inner_radius, inner_radius_max);
  area_fields.unsigned_number("uncertainty_radius", area.uncertainty_radius,
                              uncertainty_radius_max);
  area_fields.unsigned_number("offset_angle", area.offset_angle, angle_max);
  area_fields.unsigned_number("included_angle", area.included_angle, angle_max);
  area_fields.finish();
  if (corners != nullptr && value->entries.size() > 1) {
    fields.problems().error(value->at,
                            "expected either corners or an arc (centre, radii, angles) for " +
                                std::string(key) + ", got both");
  }
  if (corners != nullptr) {
    read_corners(*corners, area_fields, area);
  } else if (centre != nullptr) {
    read_point(*centre, "centre", area_fields, area.centre);
  } else {
    area_fields.missing("corners", "corners of a polygon, or the centre of an arc");
  }
  out = area;
}

std::string write_area(const Area& area) {
  if (!area.corners.empty()) {
    std::string text;
    for (const AreaPoint& corner : area.corners) {
      text += (text.empty() ? "" : ", ") + write_point(corner);
    }
    return "{ corners = [" + text + "] }";
  }
  return "{ centre = " + write_point(area.centre) +
         ", inner_radius = " + std::to_string(area.inner_radius) +
         ", uncertainty_radius = " + std::to_string(area.uncertainty_radius) +
         ", offset_angle = " + std::to_string(area.offset_angle) +
         ", included_angle = " + std::to_string(area.included_angle) + " }";
}

}  // namespace bivouac::firmware
