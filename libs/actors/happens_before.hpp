#pragma once
// ThreadSanitizer does not see the synchronisation inside Debian's CAF (scripts/tsan.supp keeps it out). These two say
// what CAF guarantees: what was done before a push, or in an earlier take, happened before a later take of that actor.
// Nothing in other builds.

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace isobar::actors::detail {

inline void publish_before([[maybe_unused]] void* actor) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(actor);
#endif
}

inline void observe_after([[maybe_unused]] void* actor) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(actor);
#endif
}

}  // namespace isobar::actors::detail
