//! The commands, one a file.

pub mod bench;
pub mod demo;
pub mod import;
pub mod rebuild;
pub mod replay;
pub mod serve;
pub mod simulate;

/// How a command ended, for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All done.
    Done,
    /// Done, and some lines were refused.
    SomeRefused,
    /// Stopped by Ctrl-C or SIGTERM before the end; what is done stays done.
    Interrupted,
}

impl Ending {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::SomeRefused => 3,
            Ending::Interrupted => 130,
        }
    }
}

/// Waits for the first Ctrl-C or SIGTERM.
pub async fn interruption() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("the process may listen to its own signals");
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
