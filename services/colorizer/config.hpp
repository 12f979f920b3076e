#pragma once
#include <string>

#include "colorizer/domain/color_scale.hpp"
#include "config/config.hpp"

namespace isobar::colorizer {

struct settings {
  std::string palette = "classic-dark";
  double threshold = 50;

  void declare(config::schema& s);
  color_scale scale() const;
};

}  // namespace isobar::colorizer
