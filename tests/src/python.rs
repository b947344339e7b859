//! Programs in Python, with the packages that `tests/wheels.py` pins.

use std::path::Path;
use std::process::Command;

/// A command that runs Python with a set of packages (`PACKAGES` in `tests/wheels.py`), fetched the first time.
pub fn python_with(packages: &str) -> Command {
    let wheels = Path::new(env!("CARGO_MANIFEST_DIR")).join("wheels.py");
    let told = Command::new("python3")
        .arg(wheels)
        .args(["--packages", packages])
        .output()
        .expect("python3 runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let folder = String::from_utf8(told.stdout).expect("a path is UTF-8");
    let mut command = Command::new("python3");
    command
        .env("PYTHONPATH", folder.trim())
        .env("PYTHONUNBUFFERED", "1");
    command
}
