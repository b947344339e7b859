//! The memory of a process, as Linux tells it.

use std::path::PathBuf;

/// In the unit of the table: a million bytes.
const MEGABYTE: f64 = 1e6;

/// Megabytes (issue: "the service's memory under 300 MB").
pub const GOAL: f64 = 300.0;

/// The memory of one process.
pub struct Memory(PathBuf);

impl Memory {
    /// Of the process with this number.
    pub fn of(process: u32) -> Self {
        Self(format!("/proc/{process}").into())
    }

    /// Makes the peak start anew from what is resident now. Where the kernel does not permit that, the peak stays that
    /// of the whole life of the process so far, which is never too low.
    pub fn forget_peak(&self) {
        if let Err(error) = std::fs::write(self.0.join("clear_refs"), "5") {
            tracing::debug!(%error, "the peak of memory cannot be reset");
        }
    }

    /// The most that was resident since [`forget_peak`](Memory::forget_peak), in megabytes; `None` where nobody tells,
    /// and of a process that has ended.
    pub fn peak(&self) -> Option<f64> {
        field(&std::fs::read_to_string(self.0.join("status")).ok()?, "VmHWM:")
    }
}

fn field(status: &str, name: &str) -> Option<f64> {
    let kibibytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))?
        .trim()
        .strip_suffix(" kB")?
        .parse()
        .ok()?;
    Some(kibibytes * 1024.0 / MEGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kibibytes_of_the_kernel_become_megabytes() {
        assert_eq!(
            field("VmPeak:\t  20 kB\nVmHWM:\t  250000 kB\n", "VmHWM:"),
            Some(256.0)
        );
        assert_eq!(field("VmPeak:\t  20 kB\n", "VmHWM:"), None);
    }
}
