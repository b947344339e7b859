//! The builds that are measured in turn, each with data and a service of its own: while one is at work the others are
//! frozen, so that what is measured of one costs the other nothing.

use super::build::Build;
use super::scratch::{Data, Scratch};
use super::service::Service;
use std::path::Path;

/// One of the builds.
pub struct Side {
    /// How it is named where something is told of it.
    pub name: &'static str,
    pub build: Build,
    pub data: Data,
    pub service: Option<Service>,
}

/// All of them: this program first, then the other, as long as it can follow.
pub struct Sides(Vec<Side>);

impl Sides {
    /// This program, and the one beside it if there is one, each with an empty place named after `what`.
    pub async fn make(scratch: &Scratch, what: &str, beside: Option<&Path>) -> anyhow::Result<Self> {
        let own = Side {
            name: "this build",
            build: Build::own()?,
            data: scratch.data(what).await?,
            service: None,
        };
        let mut sides = vec![own];
        if let Some(program) = beside {
            sides.push(Side {
                name: "the other build",
                build: Build::other(program),
                data: scratch.data(&format!("{what}-beside")).await?,
                service: None,
            });
        }
        Ok(Self(sides))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = &Side> {
        self.0.iter()
    }

    /// This program.
    pub fn own(&self) -> &Side {
        &self.0[0]
    }

    /// Starts the services that do not run.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        for side in &mut self.0 {
            if side.service.is_none() {
                side.service = Some(Service::of(&side.build, &side.data).await?);
            }
        }
        Ok(())
    }

    /// The service of one that has been started, all others frozen.
    pub fn turn(&self, number: usize) -> anyhow::Result<&Service> {
        for (index, side) in self.0.iter().enumerate() {
            if index != number
                && let Some(service) = &side.service
            {
                service.freeze()?;
            }
        }
        let service = self.0[number]
            .service
            .as_ref()
            .expect("services are started before they take turns");
        service.go_on()?;
        Ok(service)
    }

    /// Stops all services, one after another.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        for number in 0..self.0.len() {
            if self.0[number].service.is_some() {
                self.turn(number)?;
            }
            if let Some(service) = self.0[number].service.take() {
                service.stop().await?;
            }
        }
        Ok(())
    }

    /// Goes on without the other build. What it has recorded is lost.
    pub fn leave_the_other(&mut self) {
        self.0.truncate(1);
    }
}
