//! The service of `parcours serve`, in this process.

use parcours_api::{ApiState, Limits};
use parcours_http::Site;
use parcours_log::{Location, Log, Options};
use parcours_projections::{Projector, ProjectorOptions, VIEWS, Views, ViewsOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Longer than any view may need to catch up with what one section sends.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// The service, with its log and its views, following.
pub struct Service {
    pub log: Log,
    pub views: Views,
    pub address: SocketAddr,
    projector: Projector,
    serving: JoinSet<()>,
    stop: DropGuard,
}

impl Service {
    /// Opens log and views, and serves them on a free port.
    pub async fn start(log: &Location, views: &Location) -> anyhow::Result<Self> {
        let log = Log::open(log, Options::default()).await?;
        let views = Views::open(views, ViewsOptions::default()).await?;
        let projector = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = Site::new(
            log.clone(),
            views.clone(),
            parcours_http::Limits::default(),
            parcours_http::metrics()?,
        );
        let part = parcours_api::part(ApiState::new(site.clone(), Limits::default()));
        let stop = CancellationToken::new();
        let stopping = stop.clone().cancelled_owned();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            parcours_http::serve(listener, site, vec![part], stopping).await;
        });
        Ok(Self {
            log,
            views,
            address,
            projector,
            serving,
            stop: stop.drop_guard(),
        })
    }

    /// Waits until every view has digested the whole log.
    pub async fn caught_up(&self) -> anyhow::Result<()> {
        if let Some(last) = self.log.size().checked_sub(1) {
            for view in VIEWS {
                self.views.wait_for(view.name, last, PATIENCE).await?;
            }
        }
        Ok(())
    }

    /// Stops serving and following; log and views stay open.
    pub async fn stop(self) -> (Log, Views) {
        drop(self.stop);
        self.serving.join_all().await;
        self.projector.stop().await;
        (self.log, self.views)
    }
}
