//! `run` on Windows: as a service where the service manager starts it, else in the console until it is closed.
use crate::{
    ending::Ending,
    run,
    say::{Done, Fault, log},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use windows_services::{Command, Service};

/// The agent at work on a thread of its own, since the service manager keeps the first one.
struct Worker {
    ending: Ending,
    is_in_console: AtomicBool,
    thread: Mutex<Option<JoinHandle<Done<bool>>>>,
    done: Mutex<Option<Done<bool>>>,
}

impl Worker {
    fn start(self: &Arc<Self>, path: PathBuf, root: PathBuf) {
        let worker = self.clone();
        let thread = std::thread::spawn(move || {
            let done = run::run(&path, &root, &worker.ending);
            // The console says by itself when it runs in one.
            std::thread::sleep(Duration::from_secs(1));
            if !worker.ending.is_asked() && !worker.is_in_console.load(Ordering::Relaxed) {
                // The service manager sees only that a process ends, and starts it again after a while.
                log(&done.err().map_or_else(|| "ended".into(), words));
                std::process::exit(1);
            }
            done
        });
        if let Ok(mut held) = self.thread.lock() {
            *held = Some(thread);
        }
    }
    fn is_done(&self) -> bool {
        self.thread
            .lock()
            .is_ok_and(|held| held.as_ref().is_none_or(JoinHandle::is_finished))
    }
    fn stop(&self) {
        self.ending.ask();
        let thread = self.thread.lock().ok().and_then(|mut held| held.take());
        let Some(thread) = thread else { return };
        let done = thread
            .join()
            .unwrap_or_else(|_| Err(Fault::failed("the agent ended by a fault of its own")));
        if let Ok(mut held) = self.done.lock() {
            *held = Some(done);
        }
    }
}

fn words(fault: Fault) -> String {
    match fault {
        Fault::Failed(words) | Fault::Usage(words) => words,
    }
}

/// Runs until the service manager, or the console, asks to end.
pub fn run(path: &Path, root: &Path) -> Done<bool> {
    let worker = Arc::new(Worker {
        ending: Ending::default(),
        is_in_console: AtomicBool::new(false),
        thread: Mutex::new(None),
        done: Mutex::new(None),
    });
    let (path, root) = (path.to_owned(), root.to_owned());
    let (commanded, in_console) = (worker.clone(), worker.clone());
    let served = Service::new()
        .can_stop()
        .can_fallback(move |_| {
            in_console.is_in_console.store(true, Ordering::Relaxed);
            while !in_console.is_done() {
                std::thread::sleep(Duration::from_millis(200));
            }
        })
        .run(move |_, command| match command {
            Command::Start => commanded.start(path.clone(), root.clone()),
            Command::Stop => commanded.stop(),
            _ => {}
        });
    served.map_err(Fault::failed)?;
    let done = worker.done.lock().ok().and_then(|mut held| held.take());
    done.unwrap_or(Ok(true))
}
