#include "core/archive.hpp"
#include "gamma-fuel/domain/gamma_core.hpp"
#include "gamma-fuel/domain/profile_archive.hpp"

// The whole state to bytes and back.
namespace isobar::gamma_fuel {
namespace {

constexpr std::uint32_t state_version = 5;

}  // namespace

template <class A>
void gamma_core::fields(A& a) {
  a(counters, contracts_, board, shape, flow, session, literal_session, volume, universe, context, signals, merge_,
    states_, watermarks_, basis_, symbol_, mid_, underlying_, underlying_at_, symbol_trusted_, symbol_crossed_,
    qualities_, flow_whole_, flow_missed_, lagging_, open_, end_, next_tick_, now_, last_item_, touched_, changed_,
    asked_, stale_, silent_, silent_tick_, ended_, states_newest_, forced_);
  profile_archive<A>{a}(profile);
}

/// A run that had ended goes on from the last thing that was said.
void gamma_core::go_on() {
  if (!ended_) return;
  for (timestamp& t : watermarks_)
    if (t == end_of_time) t = last_item_;
  if (now_ == end_of_time) now_ = last_item_;
  if (forced_ == end_of_time) forced_ = last_item_;
  ended_ = false;
}

void gamma_core::save(std::string& out) const {
  archive_writer a(out);
  a(state_version, assumptions_id(config), live);
  const_cast<gamma_core&>(*this).fields(a);  // fields() serves both directions; writing changes nothing
}

bool gamma_core::restore(std::string_view bytes) {
  archive_reader a(bytes);
  std::uint32_t version = 0;
  std::string rules;
  bool was_live = false;
  a(version, rules, was_live);
  if (!a.ok() || version != state_version || rules != assumptions_id(config) || was_live != live) return false;
  fields(a);
  if (!a.finished()) return false;
  for (contract_number n = 0; n < contracts_.size(); ++n) {
    const known_contract& known = contracts_[n];
    if (known.free) {
      free_.push_back(n);
      continue;
    }
    if (known.on_board != no_contract && known.on_board >= board.size()) return false;
    numbers_.emplace(known.contract.id, n);
    if (known.on_board != no_contract) roots_.try_emplace(known.contract.id.root, facts_of(known.contract));
  }
  go_on();
  return numbers_.size() + free_.size() == contracts_.size();
}

}  // namespace isobar::gamma_fuel
