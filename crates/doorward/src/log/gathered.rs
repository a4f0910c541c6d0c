//! Lines that are written together: a write for each costs more than all the rest of its making.
//! Must never happen: a line that waits without end, memory that grows with a reader who is slow.
use super::OneLine;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, Thread},
    time::Duration,
};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// What is gathered this way: one line a request.
const TARGET: &str = "access";
/// So long a line waits at most for others.
const WAIT: Duration = Duration::from_millis(20);
/// With so many bytes whoever adds a line writes all of them.
const MOST: usize = 256 * 1024;

/// Where lines gather. INVARIANT: whatever is written is written under the lock of what waits, so that the order stays.
pub(super) struct Gathered {
    desk: Arc<Mutex<Desk>>,
    clerk: OnceLock<Option<Thread>>,
}

struct Desk {
    waiting: Vec<u8>,
    out: Box<dyn Write + Send>,
}

impl Desk {
    /// A log that cannot be written is nobody's fault who is served meanwhile.
    fn write_out(&mut self) {
        let _ = self.out.write_all(&self.waiting);
        self.waiting.clear();
    }
}

impl Gathered {
    pub(super) fn to(out: Box<dyn Write + Send>) -> Self {
        let waiting = Vec::with_capacity(MOST / 4);
        Self {
            desk: Arc::new(Mutex::new(Desk { waiting, out })),
            clerk: OnceLock::new(),
        }
    }

    pub(super) fn write_out(&self) {
        lock(&self.desk).write_out();
    }

    fn add(&self, line: &[u8]) {
        let mut desk = lock(&self.desk);
        let is_first = desk.waiting.is_empty();
        desk.waiting.extend_from_slice(line);
        // Where the system gave no thread, each line is written by who adds it.
        match self.clerk.get_or_init(|| clerk(&self.desk)) {
            Some(clerk) if desk.waiting.len() < MOST => {
                drop(desk);
                if is_first {
                    clerk.unpark();
                }
            }
            _ => desk.write_out(),
        }
    }

    fn write_now(&self, line: &[u8]) -> io::Result<()> {
        let mut desk = lock(&self.desk);
        desk.write_out();
        desk.out.write_all(line)
    }
}

/// Sleeps until somebody has brought the first line, waits for more, and writes all of them.
fn clerk(desk: &Arc<Mutex<Desk>>) -> Option<Thread> {
    let desk = Arc::clone(desk);
    let work = move || loop {
        thread::park();
        thread::sleep(WAIT);
        lock(&desk).write_out();
    };
    let started = thread::Builder::new().name("log".into()).spawn(work).ok()?;
    Some(started.thread().clone())
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives each event its way: gathered, or at once.
pub(super) struct Lines(pub &'static Gathered);

/// The way of one event.
pub(super) struct Way {
    gathered: &'static Gathered,
    is_patient: bool,
}

impl Write for Way {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.is_patient {
            self.gathered.add(line);
        } else {
            self.gathered.write_now(line)?;
        }
        Ok(line.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = OneLine<Way>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLine(Way {
            gathered: self.0,
            is_patient: false,
        })
    }
    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        // A request that failed by our fault is told at once.
        let is_patient = event.target() == TARGET && *event.level() >= Level::INFO;
        OneLine(Way {
            gathered: self.0,
            is_patient,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn lines_keep_their_order_and_none_waits_for_long() {
        let paper = Paper::default();
        let gathered = Gathered::to(Box::new(paper.clone()));
        gathered.add(b"one\n");
        gathered.add(b"two\n");
        gathered.write_now(b"at once\n").unwrap();
        assert_eq!(paper.text(), "one\ntwo\nat once\n");
        gathered.add(b"three\n");
        let began = Instant::now();
        while !paper.text().ends_with("three\n") {
            assert!(began.elapsed() < Duration::from_secs(10), "a line waits without end");
            thread::sleep(Duration::from_millis(5));
        }
        gathered.add(b"last\n");
        gathered.write_out();
        assert!(paper.text().ends_with("three\nlast\n"));
    }

    #[test]
    fn what_waits_is_bounded() {
        let paper = Paper::default();
        let gathered = Gathered::to(Box::new(paper.clone()));
        let line = vec![b'x'; 1_000];
        for _ in 0..1_000 {
            gathered.add(&line);
            assert!(lock(&gathered.desk).waiting.len() < MOST);
        }
        gathered.write_out();
        assert_eq!(paper.text().len(), 1_000_000);
    }
}
