#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::chain_ingest {

/// The service chain-ingest; README.md says what it eats, emits and answers.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::chain_ingest
