//! The commands, one a file.

pub mod bench;
pub mod demo;
pub mod export;
pub mod import;
pub mod outcomes;
pub mod partner;
pub mod rebuild;
pub mod replay;
pub mod serve;
pub mod simulate;
pub mod webhooks;

/// How a command ended, for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All done.
    Done,
    /// Done, and some lines were refused.
    SomeRefused,
    /// A part of the service ended by a fault of the program.
    Fault,
    /// Stopped by Ctrl-C or SIGTERM before the end; what is done stays done.
    Interrupted,
}

impl Ending {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::SomeRefused => 3,
            // EX_SOFTWARE of sysexits.h.
            Ending::Fault => 70,
            Ending::Interrupted => 130,
        }
    }
}

/// The first Ctrl-C or SIGTERM from this call on, whenever the answer is awaited. Called on the runtime.
pub fn interruption() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).expect("a process may listen to its own signals");
        let (mut interrupt, mut terminate) =
            (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}
