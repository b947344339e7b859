//! A service of its own for each test.

use parcours_api::{ApiState, Limits, part};
use parcours_http::{Limits as RequestLimits, Site, Stopped, metrics, serve};
use parcours_log::{Location, Log, Options};
use parcours_projections::{Projector, ProjectorOptions, Views, ViewsOptions};
use parcours_tests::Api;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running service.
pub struct Service {
    pub api: Api,
    pub address: SocketAddr,
    pub log: Log,
    views: Views,
    projector: Option<Projector>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Stopped>>,
    runtime: Runtime,
    folder: TempDir,
}

impl Service {
    /// With the usual limits.
    pub fn start() -> Service {
        Service::with(Limits::default())
    }

    /// With these limits on what comes in.
    pub fn with(limits: Limits) -> Service {
        Service::followed(Service::without_projector(limits, RequestLimits::default()))
    }

    /// With these limits on requests as such.
    pub fn within(limits: RequestLimits) -> Service {
        Service::followed(Service::without_projector(Limits::default(), limits))
    }

    fn followed(mut service: Service) -> Service {
        let starting = Projector::start(
            service.log.clone(),
            service.views.clone(),
            ProjectorOptions::default(),
        );
        service.projector = Some(service.runtime.block_on(starting));
        let ready = || service.views.status().iter().all(|view| view.answers);
        parcours_tests::wait_until("the views answer", Duration::from_secs(20), ready);
        service
    }

    /// With views that nobody keeps up to date.
    pub fn without_projector(limits: Limits, requests: RequestLimits) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let (listener, site, log, views) = runtime.block_on(async {
            let log = Log::open(
                &Location::Sqlite(folder.path().join("log.sqlite")),
                Options::default(),
            )
            .await
            .unwrap();
            let place = Location::Sqlite(folder.path().join("views.sqlite"));
            let views = Views::open(&place, ViewsOptions::default()).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            (
                listener,
                Site::new(log.clone(), views.clone(), requests, metrics().unwrap()),
                log,
                views,
            )
        });
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = oneshot::channel();
        let state = ApiState::new(site.clone(), limits).with_actor("a test");
        let serving = runtime.spawn(serve(listener, site, vec![part(state)], async {
            let _ = stopping.await;
        }));
        Service {
            api: Api::at(&format!("http://{address}")),
            address,
            log,
            views,
            projector: None,
            stop: Some(stop),
            serving: Some(serving),
            runtime,
            folder,
        }
    }

    /// Lets nobody keep the views up to date any more.
    pub fn stop_the_projector(&mut self) {
        let projector = self.projector.take().expect("it runs");
        self.runtime.block_on(projector.stop());
    }

    /// Asks it to stop, and goes on.
    pub fn begin_to_stop(&mut self) {
        let _ = self.stop.take().expect("it is asked once").send(());
    }

    /// Waits until it has stopped.
    pub fn stopped(&mut self) -> Stopped {
        let serving = self.serving.take().expect("it is waited for once");
        self.runtime.block_on(serving).unwrap()
    }

    /// Holds the lock of the log's file, as another process that writes would, until it is dropped.
    pub fn hold_the_log(&self) -> rusqlite::Connection {
        let other = rusqlite::Connection::open(self.folder.path().join("log.sqlite")).unwrap();
        other.busy_timeout(Duration::from_secs(10)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
    }

    /// Every entry of the log.
    pub fn entries(&self) -> Vec<serde_json::Value> {
        let entries = self.runtime.block_on(self.log.read(0, 1_000_000)).unwrap();
        entries
            .iter()
            .map(|entry| serde_json::from_slice(&entry.bytes).unwrap())
            .collect()
    }
}
