//! Threads and tasks that nobody waits for, and that must not end unmissed.
//!
//! A fault of the program (a panic) ends one thread or task, and leaves the others waiting for what it did. So each of them
//! is begun by way of a [`Supervisor`], which hears if it ends so. Whoever runs the process asks the supervisor, tells that the
//! service cannot go on, and ends it: what was acknowledged is on disk, and a process that starts anew takes it up.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::watch;

/// Hears of threads and tasks that end by a fault. Clones are the same.
#[derive(Clone, Debug)]
pub struct Supervisor(Arc<watch::Sender<Option<&'static str>>>);

impl Default for Supervisor {
    fn default() -> Self {
        Supervisor(Arc::new(watch::Sender::new(None)))
    }
}

impl Supervisor {
    /// Starts a thread of this name.
    pub fn thread<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let duty = self.duty(name);
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _duty = duty;
            work()
        })
    }

    /// The work of a task of this name, to be spawned.
    pub fn task<F: Future>(&self, name: &'static str, work: F) -> impl Future<Output = F::Output> + use<F> {
        let duty = self.duty(name);
        async move {
            let _duty = duty;
            work.await
        }
    }

    fn duty(&self, name: &'static str) -> Duty {
        Duty {
            name,
            supervisor: self.clone(),
        }
    }

    /// The first thread or task that ended by a fault.
    pub fn fallen(&self) -> Option<&'static str> {
        *self.0.borrow()
    }

    /// Waits until one has, which may be never.
    pub async fn fall(&self) -> &'static str {
        let mut told = self.0.subscribe();
        let fallen = told.wait_for(Option::is_some).await;
        match fallen.ok().and_then(|fallen| *fallen) {
            Some(name) => name,
            None => std::future::pending().await,
        }
    }
}

/// Held by a thread or task as long as it is at work.
struct Duty {
    name: &'static str,
    supervisor: Supervisor,
}

impl Drop for Duty {
    fn drop(&mut self) {
        if thread::panicking() {
            self.supervisor
                .0
                .send_if_modified(|fallen| fallen.is_none() && fallen.replace(self.name).is_none());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_falls_is_told_of_and_who_ends_is_not() {
        let supervisor = Supervisor::default();
        tokio::spawn(supervisor.task("ended", async {})).await.unwrap();
        supervisor.thread("done", || {}).unwrap().join().unwrap();
        let task = tokio::spawn(supervisor.task("stopped", std::future::pending::<()>()));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(supervisor.fallen(), None);

        let thread = supervisor
            .thread("fallen", || panic!("a fault of the test"))
            .unwrap();
        assert_eq!(supervisor.fall().await, "fallen");
        assert!(thread.join().is_err());

        let task = tokio::spawn(supervisor.task("next", async { panic!("another") }));
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(supervisor.fallen(), Some("fallen"), "the first is the cause");
    }
}
