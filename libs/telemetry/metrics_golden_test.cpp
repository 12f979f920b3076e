// Holds metrics.yaml, the generated catalogue and the scrape together. The file is read here by another path than the
// generator's, so that neither can drift alone.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <sstream>

#include "telemetry/catalogue.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::telemetry {
namespace {

using rows = std::set<std::string>;

labels one_label_each(const std::vector<std::string>& names) {
  labels out;
  for (const auto& name : names) out[name] = "x";
  return out;
}

std::string row(const std::string& name, const std::string& type, const std::set<std::string>& label_names,
                const std::string& help) {
  std::string out = type + " " + name + "{";
  for (const auto& label : label_names) out += label + ",";
  return out + "} " + help;
}

rows declared_in_file() {
  const auto file = YAML::LoadFile(ISOBAR_SOURCE_DIR "/libs/telemetry/metrics.yaml");
  rows out;
  for (const auto& metric : file["metrics"]) {
    const auto name = metric["name"].as<std::string>();
    std::set<std::string> label_names;
    for (const auto& label : metric["labels"]) label_names.insert(label.as<std::string>());
    const auto at = name.find("{service}");
    const auto add = [&](const std::string& full) {
      out.insert(row(full, metric["kind"].as<std::string>(), label_names, metric["help"].as<std::string>()));
    };
    if (at == std::string::npos) {
      add(name);
      continue;
    }
    for (const auto& service : file["services"]) {
      add(std::string(name).replace(at, 9, service.as<std::string>()));
    }
  }
  return out;
}

// Label names of the first sample of `name`, without a histogram's `le`.
std::set<std::string> labels_in(const std::string& text, const std::string& name) {
  std::set<std::string> out;
  const auto begin = text.find("\n" + name + "{");
  if (begin == std::string::npos) return out;
  std::istringstream sample(text.substr(begin + name.size() + 2, text.find('}', begin) - begin - name.size() - 2));
  for (std::string pair; std::getline(sample, pair, ',');) out.insert(pair.substr(0, pair.find('=')));
  out.erase("le");
  return out;
}

rows scraped(const std::string& text) {
  rows out;
  std::istringstream lines(text);
  std::string help;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) help = line.substr(line.find(' ', 7) + 1);
    if (!line.starts_with("# TYPE ")) continue;
    const auto space = line.find(' ', 7);
    const auto name = line.substr(7, space - 7);
    const auto type = line.substr(space + 1);
    out.insert(row(name, type, labels_in(text, type == "histogram" ? name + "_bucket" : name), help));
  }
  return out;
}

TEST(MetricsGolden, ScrapeIsExactlyWhatTheFileDeclares) {
  registry r;
  for (const auto& d : catalogue()) {
    const auto with = one_label_each(d.labels);
    if (d.kind == kind::counter) r.get_counter(d.name, with).add();
    if (d.kind == kind::gauge) r.get_gauge(d.name, with).set(1);
    if (d.kind == kind::histogram) r.get_histogram(d.name, with).observe(1);
  }
  const auto file = declared_in_file();
  EXPECT_GT(file.size(), 90u);
  EXPECT_EQ(scraped(r.scrape()), file);
}

TEST(MetricsGolden, OneOfEachKindScrapesAsThisText) {
  registry r;
  r.get_counter("isobar_heatmap_builder_rejected_total", {{"symbol", "SPX"}, {"reason", "crossed"}}).add(7);
  r.get_gauge("isobar_heatmap_builder_epoch", {{"symbol", "SPX"}}).set(2.5);
  r.get_histogram("isobar_heatmap_builder_frame_bytes", {{"symbol", "SPX"}}).observe(100);
  std::string expected =
      "# HELP isobar_heatmap_builder_epoch Number of the active epoch\n"
      "# TYPE isobar_heatmap_builder_epoch gauge\n"
      "isobar_heatmap_builder_epoch{symbol=\"SPX\"} 2.5\n"
      "# HELP isobar_heatmap_builder_frame_bytes Size of published frames\n"
      "# TYPE isobar_heatmap_builder_frame_bytes histogram\n"
      "isobar_heatmap_builder_frame_bytes_count{symbol=\"SPX\"} 1\n"
      "isobar_heatmap_builder_frame_bytes_sum{symbol=\"SPX\"} 100\n"
      "isobar_heatmap_builder_frame_bytes_bucket{symbol=\"SPX\",le=\"64\"} 0\n";
  for (int power = 7; power <= 26; ++power) {
    expected +=
        "isobar_heatmap_builder_frame_bytes_bucket{symbol=\"SPX\",le=\"" + std::to_string(1 << power) + "\"} 1\n";
  }
  expected +=
      "isobar_heatmap_builder_frame_bytes_bucket{symbol=\"SPX\",le=\"+Inf\"} 1\n"
      "# HELP isobar_heatmap_builder_rejected_total Records refused, by reason\n"
      "# TYPE isobar_heatmap_builder_rejected_total counter\n"
      "isobar_heatmap_builder_rejected_total{reason=\"crossed\",symbol=\"SPX\"} 7\n";
  EXPECT_EQ(r.scrape(), expected);
}

}  // namespace
}  // namespace isobar::telemetry
