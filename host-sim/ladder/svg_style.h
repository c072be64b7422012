// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace bivouac::sim::ladder {

// Blue and vermilion differ for all eyes; whatever they say, a shape or a word says too.
inline constexpr std::string_view svg_style = R"svg(<style>
text { font-family: Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; fill: #111; }
.title { font-size: 17px; font-weight: bold; }
.subtitle { font-size: 12px; fill: #444; }
.system { font-size: 12px; font-style: italic; text-anchor: middle; }
.actor { font-size: 12px; text-anchor: middle; }
.time { font-size: 10px; text-anchor: end; fill: #444; }
.label { font-size: 12px; text-anchor: middle; stroke: #fff; stroke-width: 3px; paint-order:
  stroke; }
.detail { font-size: 10px; text-anchor: middle; fill: #444; stroke: #fff; stroke-width: 3px;
  paint-order: stroke; }
.boxed { font-size: 12px; text-anchor: middle; }
.small { font-size: 10px; text-anchor: middle; fill: #444; }
.inverse { font-size: 11px; font-weight: bold; text-anchor: middle; fill: #fff; }
.fault { font-size: 11px; font-weight: bold; text-anchor: middle; stroke: #fff; stroke-width:
  4px; paint-order: stroke; }
.key { font-size: 10px; fill: #444; }
.page { fill: #fff; }
.frame { fill: #f6f7f9; stroke: #9aa0a6; stroke-dasharray: 5 4; }
.box { fill: #fff; stroke: #111; stroke-width: 1.2; }
.undone { fill: #fff; stroke: #111; stroke-width: 1.2; stroke-dasharray: 3 3; }
.flag { fill: #fff4d6; stroke: #8a6d00; }
.tag { fill: #111; }
.tag-up { fill: #fff; stroke: #111; stroke-width: 1.2; }
.life { stroke: #555; stroke-width: 1; }
.dead { stroke: #999; stroke-width: 1; stroke-dasharray: 2 5; }
.between { stroke: #0072b2; stroke-width: 1.8; fill: none; }
.within { stroke: #111; stroke-width: 1.2; fill: none; }
.wait { stroke: #0072b2; stroke-width: 1.4; fill: none; stroke-dasharray: 4 3; }
.cross { stroke: #d55e00; stroke-width: 2.6; }
.jag { stroke: #d55e00; stroke-width: 1.6; fill: none; }
.hatch { fill: url(#hatch); }
.relink { stroke: #555; stroke-width: 1.2; stroke-dasharray: 5 3; fill: none; }
.pause { fill: #fff; }
.pause-edge { stroke: #555; stroke-width: 1; }
</style>
<defs>
<marker id="head-between" markerWidth="10" markerHeight="8" refX="9" refY="4" orient="auto"
  markerUnits="userSpaceOnUse"><path d="M0,0 L10,4 L0,8 z" fill="#0072b2"/></marker>
<marker id="head-within" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto"
  markerUnits="userSpaceOnUse"><path d="M0,0 L9,4 L0,8 z" fill="#111"/></marker>
<marker id="head-link" markerWidth="8" markerHeight="8" refX="7" refY="4"
  orient="auto" markerUnits="userSpaceOnUse"><path d="M0,1 L7,4 L0,7" fill="none"
  stroke="#555"/></marker>
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse"
  patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="8" stroke="#d55e00"
  stroke-width="1.4" stroke-opacity="0.5"/></pattern>
</defs>
)svg";

}  // namespace bivouac::sim::ladder
