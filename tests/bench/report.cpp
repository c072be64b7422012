// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/report.h"

#include <algorithm>
#include <format>

namespace bivouac::bench {
namespace {

std::string padded(const std::string& text, std::size_t width, bool to_the_left) {
  const std::string space(width > text.size() ? width - text.size() : 0, ' ');
  return to_the_left ? text + space : space + text;
}

/// Columns as wide as their longest cell; the first to the left, numbers to the right.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += " " + padded(row[i], widths[i], i == 0) + " ";
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string in_words(const Report::Ratio& ratio) {
  if (ratio.aim.value == 0) return "";
  return std::format("{} {:.2f}: {}", ratio.aim.is_floor ? "aim at least" : "aim at most",
                     ratio.aim.value, ratio.is_met() ? "met" : "MISSED");
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= ' ') out += c;
  }
  return out + "\"";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Report::Report(Machine machine, std::string commit, std::string settings)
    : machine_(std::move(machine)), commit_(std::move(commit)), settings_(std::move(settings)) {}

void Report::section(const std::string& title) { sections_.push_back({title, {}, {}}); }
void Report::row(std::vector<std::string> cells) {
  sections_.back().rows.push_back(std::move(cells));
}
void Report::note(const std::string& text) { sections_.back().notes.push_back(text); }
void Report::figure(const std::string& id, double value) { figures_.push_back({id, value}); }

void Report::ratio(const std::string& id, const std::string& label, double value, Aim aim) {
  ratios_.push_back({id, label, value, aim});
}

std::string Report::head() const {
  return std::format("{} UTC, commit {}\n{}, {} cores, {}\nload when it began: {}; {}\n",
                     machine_.date, commit_, machine_.processor, machine_.cores, machine_.kernel,
                     machine_.load, settings_);
}

std::string Report::text() const {
  std::string text = "Bivouac beside its ceilings\n" + head();
  for (const Section& section : sections_) {
    text += "\n" + section.title + "\n" + table(section.rows);
    for (const std::string& note : section.notes) text += "  " + note + "\n";
  }
  text += "\nRatios, each formed within one run\n";
  std::vector<std::vector<std::string>> rows;
  for (const Ratio& ratio : ratios_)
    rows.push_back({ratio.label, std::format("{:.2f}", ratio.value), in_words(ratio)});
  return text + table(rows);
}

std::string Report::json() const {
  std::string text = std::format(
      "{{\n  \"date\": {},\n  \"commit\": {},\n  \"processor\": {},\n  \"cores\": {},\n"
      "  \"kernel\": {},\n  \"load\": {},\n  \"settings\": {},\n  \"figures\": {{",
      quoted(machine_.date), quoted(commit_), quoted(machine_.processor), machine_.cores,
      quoted(machine_.kernel), quoted(machine_.load), quoted(settings_));
  for (std::size_t i = 0; i < figures_.size(); ++i) {
    text += std::format("{}\n    {}: {:.3f}", i == 0 ? "" : ",", quoted(figures_[i].id),
                        figures_[i].value);
  }
  text += "\n  },\n  \"ratios\": [";
  for (std::size_t i = 0; i < ratios_.size(); ++i) {
    const Ratio& one = ratios_[i];
    text += std::format("{}\n    {{\"id\": {}, \"value\": {:.4f}", i == 0 ? "" : ",",
                        quoted(one.id), one.value);
    if (one.aim.value != 0) {
      text += std::format(", \"{}\": {:.2f}, \"met\": {}", one.aim.is_floor ? "aim_min" : "aim_max",
                          one.aim.value, one.is_met());
    }
    text += "}";
  }
  return text + "\n  ]\n}\n";
}

/// A bar for each ratio; a line across it where its aim is.
std::string Report::svg() const {
  constexpr int left = 330, width = 400, row = 26, top = 90;
  const int height = top + row * static_cast<int>(ratios_.size()) + 20;
  double longest = 1.0;
  for (const Ratio& ratio : ratios_) longest = std::max({longest, ratio.value, ratio.aim.value});
  longest = std::min(longest, 3.0);
  const auto x_of = [&](double value) { return left + std::min(value, longest) / longest * width; };
  std::string svg = std::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">Bivouac beside its ceilings"
      "</text>\n<text x=\"16\" y=\"46\" fill=\"#555\">{2} UTC, commit {3}</text>\n"
      "<text x=\"16\" y=\"64\" fill=\"#555\">{4}, {5} cores, {6}</text>\n",
      left + width + 120, height, machine_.date, escaped(commit_), escaped(machine_.processor),
      machine_.cores, escaped(machine_.kernel));
  svg += std::format(
      "<line x1=\"{0:.0f}\" x2=\"{0:.0f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#999\" "
      "stroke-dasharray=\"3 3\"/>\n",
      x_of(1.0), top - 8, height - 20);
  int y = top;
  for (const Ratio& ratio : ratios_) {
    const char* colour = ratio.aim.value == 0 ? "#8899aa" : ratio.is_met() ? "#3a8f5c" : "#c2543d";
    svg += std::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n"
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>\n"
        "<text x=\"{:.1f}\" y=\"{}\">{:.2f}</text>\n",
        left - 10, y + 13, escaped(ratio.label), left, y, x_of(ratio.value) - left, colour,
        std::max(x_of(ratio.value), x_of(ratio.aim.value)) + 8, y + 13, ratio.value);
    if (ratio.aim.value != 0) {
      svg += std::format(
          "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#000\" "
          "stroke-width=\"2\"><title>{3}</title></line>\n",
          x_of(ratio.aim.value), y - 3, y + 19, escaped(in_words(ratio)));
    }
    y += row;
  }
  return svg + "</svg>\n";
}

std::string in_thousands(double value) {
  return value < 10'000 ? std::format("{:.0f}", value) : std::format("{:.1f}k", value / 1000);
}

std::string fixed(double value, int digits) { return std::format("{:.{}f}", value, digits); }

std::string in_us(double us) {
  return us < 10'000 ? std::format("{:.0f} us", us) : std::format("{:.1f} ms", us / 1000);
}

}  // namespace bivouac::bench
