#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/types.hpp"

namespace isobar::gamma_fuel {

/// Subjects that a worker publishes.
enum class output : std::uint8_t { surface, profile, levels, signals, alert };
inline constexpr std::size_t outputs = 5;

/// How far a worker's outputs have been given: the last sequence, and the instant that it speaks of (a window's end, a
/// set's effective time, a tick).
struct given_so_far {
  std::array<std::uint64_t, outputs> sequences{};
  std::array<timestamp, outputs> until;
  given_so_far() { until.fill(start_of_time); }
  bool operator==(const given_so_far&) const = default;
};

/// The same in a file of fixed size, written before each frame is published: a worker that is killed in live mode goes
/// on behind what it gave, not behind its checkpoint. Written without synchronising: it outlives the process, and a
/// machine that fails only by chance. Not thread-safe.
class given_mark {
 public:
  explicit given_mark(std::filesystem::path file) : file_(std::move(file)) {}
  ~given_mark();
  given_mark(const given_mark&) = delete;
  given_mark& operator=(const given_mark&) = delete;

  /// Nothing: there is none, or it is damaged.
  std::optional<given_so_far> read() const;
  /// False: it could not be written.
  bool write(const given_so_far& g);
  void remove();

 private:
  std::filesystem::path file_;
  int open_ = -1;
};

}  // namespace isobar::gamma_fuel
