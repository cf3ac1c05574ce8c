//! `Output`: what is said through `tracing` on this thread.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

thread_local! {
    static SAID: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Everything that is said on this thread from now on, however unimportant. One subscriber serves all threads: with one
/// for each, what a thread says may depend on what others have.
pub(crate) struct Output;

impl Output {
    pub(crate) fn capture() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(|| Written)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        SAID.take();
        Self
    }

    pub(crate) fn text(&self) -> String {
        SAID.with_borrow(|said| String::from_utf8_lossy(said).into_owned())
    }

    /// The warnings of the executor that hold these words.
    pub(crate) fn warnings(&self, words: &str) -> usize {
        let text = self.text();
        text.lines().filter(|line| line.contains("WARN leviathan_k8s") && line.contains(words)).count()
    }
}

struct Written;

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SAID.with_borrow_mut(|said| said.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
