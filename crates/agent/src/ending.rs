//! Being asked to end: SIGTERM and SIGINT, or the service manager of another system. A wait ends at once; a call under way is finished.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Whether to end.
#[derive(Clone, Default)]
pub struct Ending(Arc<AtomicBool>);

impl Ending {
    /// Listens to what asks programs to end on this system.
    pub fn listen() -> Self {
        let ending = Self::default();
        #[cfg(unix)]
        for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            // Without it the signal ends the program all the same, only less politely.
            let _ = signal_hook::flag::register(signal, ending.0.clone());
        }
        ending
    }
    /// Asks it to end.
    #[cfg(any(windows, test))]
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    /// Whether it was asked to.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
    /// Waits so long, or until it is asked to end. Answers whether to go on.
    pub fn wait(&self, how_long: Duration) -> bool {
        let until = Instant::now() + how_long;
        while !self.is_asked() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(200)));
        }
        false
    }
}
