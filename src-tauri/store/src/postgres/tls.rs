//! TLS to the server, by the same rustls and the same trust in certificates as all else.

use std::{path::Path, sync::Arc};

use fabrik_domain::{Cause, Problem};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;

use super::fault::Fault;

/// Trusts what the system trusts, or the authority in the file at `root` and no other.
pub(super) fn config(root: Option<&Path>) -> Result<ClientConfig, Fault> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| untrusted(&error))?;
    let builder = match root {
        Some(path) => builder.with_root_certificates(authority(path)?),
        None => builder
            .with_platform_verifier()
            .map_err(|error| untrusted(&error))?,
    };
    Ok(builder.with_no_client_auth())
}

fn authority(path: &Path) -> Result<RootCertStore, Fault> {
    let named = |error: &dyn std::fmt::Display| {
        let file = path.display().to_string();
        Fault::from(
            Problem::from(Cause::DatabaseUrlInvalid).detail(format!("sslrootcert {file}: {error}")),
        )
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| named(&error))? {
        let certificate = certificate.map_err(|error| named(&error))?;
        roots.add(certificate).map_err(|error| named(&error))?;
    }
    if roots.is_empty() {
        return Err(named(&"no certificate in it"));
    }
    Ok(roots)
}

fn untrusted(error: &dyn std::fmt::Display) -> Fault {
    Fault::from(Problem::from(Cause::DatabaseFailed).detail(format!("TLS: {error}")))
}
