//! An authority of a test's own, and certificates that it signs.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// The authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate for `localhost` and 127.0.0.1, and its key.
pub struct Vouched {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: KeyPair,
}

impl Authority {
    /// One that nobody trusts yet.
    pub fn new() -> Authority {
        let mut authority = CertificateParams::new([]).expect("no name is wrong");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("there is randomness");
        Authority(CertifiedIssuer::self_signed(authority, key).expect("the parameters are right"))
    }

    /// Writes its own certificate, for those who are to trust it, into a folder.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, self.0.pem()).expect("the folder is writable");
        file
    }

    /// Vouches for a server on this machine.
    pub fn vouch(&self) -> Vouched {
        let key = KeyPair::generate().expect("there is randomness");
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let parameters = CertificateParams::new(names).expect("the names are right");
        let certificate = parameters.signed_by(&key, &self.0).expect("the key is right");
        Vouched { certificate, key }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
