//! The memory of this process, as Linux tells it.

/// In the unit of the table: a million bytes.
const MEGABYTE: f64 = 1e6;

/// Makes the peak start anew from what is resident now. Where the kernel does not permit that, the peak stays that of
/// the whole run so far, which is never too low.
pub fn forget_peak() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        tracing::debug!(%error, "the peak of memory cannot be reset");
    }
}

/// The most memory that was resident since [`forget_peak`], in megabytes; `None` where nobody tells.
pub fn peak() -> Option<f64> {
    field(&std::fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
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
