//! A start on a full log: from the command to the answer that the service is ready.

use crate::figure::median;
use crate::readings::Readings;
use crate::service::Service;
use crate::sides::Sides;
use std::time::Instant;

/// Starts of each side.
const STARTS: usize = 3;

/// Starts and stops each side in turn; none runs before or after.
pub async fn measure(sides: &Sides, readings: &mut [Readings]) -> anyhow::Result<()> {
    let mut starts = vec![Vec::new(); sides.count()];
    for _ in 0..STARTS {
        for (side, starts) in sides.each().zip(&mut starts) {
            let began = Instant::now();
            let service = Service::of(&side.build, &side.data).await?;
            service.ready().await?;
            starts.push(began.elapsed().as_secs_f64());
            service.stop().await?;
        }
    }
    for (shown, starts) in readings.iter_mut().zip(starts) {
        shown.take("start", median(starts), "s");
    }
    Ok(())
}
