//! A real directory: the slapd of `OpenLDAP` in a directory of its own, on loopback, with a certification
//! authority that nobody else knows. It takes no request without TLS.

use domain::value::Certificate;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub(super) const READER: &str = "cn=reader,dc=kunta,dc=test";
pub(super) const READER_PASSWORD: &str = "the reader's";
/// How many pupils there are beside the named people, `user-0` and so on; the password of each is
/// the name with `pwd` behind it.
pub(super) const PUPILS: usize = 2000;

/// A running directory; it ends with this value.
pub(super) struct Slapd {
    directory: TempDir,
    child: Option<Child>,
    pub(super) plain_port: u16,
    pub(super) tls_port: u16,
    /// The certification authority.
    pub(super) authority: Certificate,
}

impl Slapd {
    /// Starts a directory whose certificate is for `host`; none, and says so, where this machine
    /// has no slapd.
    pub(super) async fn start(host: &str) -> Option<Self> {
        let program = ["/usr/sbin/slapd", "/usr/libexec/slapd"];
        if !program.iter().any(|path| Path::new(path).exists()) {
            eprintln!("SKIPPED: no slapd on this machine; install the package slapd");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let authority = certificates(path, host);
        fs::create_dir(path.join("data")).unwrap();
        fs::write(path.join("people.ldif"), people()).unwrap();
        fs::write(path.join("slapd.conf"), configuration(path)).unwrap();
        let loaded = Command::new("/usr/sbin/slapadd")
            .arg("-q")
            .arg("-f")
            .arg(path.join("slapd.conf"))
            .arg("-l")
            .arg(path.join("people.ldif"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&loaded.stderr);
        assert!(loaded.status.success(), "slapadd: {text}");
        let mut slapd = Self {
            directory,
            child: None,
            plain_port: free_port(),
            tls_port: free_port(),
            authority,
        };
        slapd.run().await;
        Some(slapd)
    }

    /// Runs it, and waits until it listens.
    pub(super) async fn run(&mut self) {
        let addresses = format!(
            "ldap://127.0.0.1:{} ldaps://127.0.0.1:{}",
            self.plain_port, self.tls_port
        );
        let child = Command::new("/usr/sbin/slapd")
            .args(["-d", "0", "-h", &addresses, "-f"])
            .arg(self.directory.path().join("slapd.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        for port in [self.plain_port, self.tls_port] {
            let listens = async {
                while tokio::net::TcpStream::connect(("127.0.0.1", port))
                    .await
                    .is_err()
                {
                    tokio::task::yield_now().await;
                }
            };
            let waited = tokio::time::timeout(Duration::from_secs(30), listens).await;
            waited.expect("slapd listens");
        }
    }

    /// Ends it, and with it every connection.
    pub(super) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Makes an authority and the directory's certificate, and returns the authority's.
pub(super) fn certificates(path: &Path, host: &str) -> Certificate {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let own = own.signed_by(&key, &authority).unwrap();
    fs::write(path.join("cert.pem"), own.pem()).unwrap();
    fs::write(path.join("key.pem"), key.serialize_pem()).unwrap();
    fs::write(path.join("ca.pem"), authority.pem()).unwrap();
    Certificate::from_der(authority.der()).unwrap()
}

fn configuration(path: &Path) -> String {
    let path = path.display();
    format!(
        "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {path}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {path}/ca.pem
TLSCertificateFile {path}/cert.pem
TLSCertificateKeyFile {path}/key.pem
security ssf=128
database mdb
suffix \"dc=kunta,dc=test\"
directory {path}/data
index uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=\"{READER}\" read by * auth
"
    )
}

fn people() -> String {
    let mut text = format!(
        "dn: dc=kunta,dc=test
objectClass: dcObject
objectClass: organization
o: Kuvitteellinen kunta
dc: kunta

dn: {READER}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}
"
    );
    let mut person = |uid: &str, password: &str, learner: Option<&str>| {
        let _ = write!(
            text,
            "
dn: uid={uid},dc=kunta,dc=test
objectClass: inetOrgPerson
uid: {uid}
cn: Kuvitteellinen {uid}
sn: Kuvitteellinen
givenName: Testi
departmentNumber: 00011
employeeType: oppilas
userPassword: {password}
"
        );
        if let Some(learner) = learner {
            let _ = writeln!(text, "employeeNumber: {learner}");
        }
    };
    let learner = Some("1.2.246.562.24.10000000016");
    person("opettaja", "salasana-ä", learner);
    person("numeroton", "salasana", None);
    for number in 0..PUPILS {
        let uid = format!("user-{number}");
        person(&uid, &format!("{uid}pwd"), learner);
    }
    text
}
