#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "service/host.hpp"

namespace isobar::service::test {

/// What a test wants an echo app to do wrong.
struct echo_faults {
  bool stuck_drain = false;             ///< drain() never returns
  std::string validate_error;           ///< validate() refuses with this
  bool silent = false;                  ///< registers ColorService, which answers nothing, in place of EpochService
  std::atomic<bool>* ready = nullptr;   ///< adds the condition "echo"
  std::atomic<int>* stopped = nullptr;  ///< set to a running number by stop()
};

/// A service in miniature: EpochService.GetEpoch answered by an actor with the symbol it was asked for, and frames of
/// the subject "echo.in" counted through an intake and published again on "echo.out".
std::unique_ptr<app> make_echo_app(std::string name = "echo", std::shared_ptr<echo_faults> faults = nullptr);

}  // namespace isobar::service::test
