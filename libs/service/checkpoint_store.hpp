#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace isobar::service {

/// Where one worker keeps its checkpoints: two generations, each whole or not there. Not thread-safe: the worker owns
/// it.
class checkpoint_store {
 public:
  /// What a stored checkpoint may be refused for.
  enum class errc { unreadable, damaged };

  virtual ~checkpoint_store() = default;
  /// Replaces the newest, which becomes the older. The text says what failed; the generations are then as they were.
  virtual std::optional<std::string> write(std::string_view content) const = 0;
  /// One generation, 0 is the newest; nothing when there is none.
  virtual std::optional<isobar::result<std::string, errc>> read(int generation) const = 0;
  /// What was written may be there no more: it is time for the next, whatever the schedule says.
  virtual bool doubtful() const { return false; }
  /// Forgets both.
  virtual void remove() const = 0;
  /// What to call a generation in a log line.
  virtual std::string place(int generation) const = 0;
};

}  // namespace isobar::service
