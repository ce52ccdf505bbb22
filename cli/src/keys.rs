//! The keys of an environment, made where it has none: for signing, for what is encrypted to it, for
//! cookies, and the salt of the subjects that differ from service to service.

use crate::house::House;
use domain::{ActivateSigningKey, Environment, KeyPurpose, KeyState, PublishSigningKey, Right};
use ledger::Random as _;
use proxy::Algorithm;
use zeroize::Zeroizing;

/// What a key is made of.
struct Material {
    algorithm: &'static str,
    public_key: Option<String>,
    private_key: Zeroizing<String>,
}

/// Makes every key that `environment` has not in use, publishes it and puts it into use.
pub(crate) async fn ensure(house: &House, environment: Environment) -> anyhow::Result<()> {
    let kinds = [
        (KeyPurpose::Signing, Algorithm::Rs256.name()),
        (KeyPurpose::Signing, Algorithm::Es256.name()),
        (KeyPurpose::Encryption, "RSA-OAEP"),
    ];
    for (purpose, algorithm) in kinds {
        if in_use(house, environment, purpose, algorithm) {
            continue;
        }
        let (now, serial) = (house.clock.now(), crate::machine::SystemRandom.sixteen());
        let pair = tokio::task::spawn_blocking(move || {
            if algorithm == Algorithm::Es256.name() {
                return proxy::generate_signing_key(Algorithm::Es256);
            }
            // SAML tells its peers of keys by certificates.
            let name = format!("trustnet {environment}");
            proxy::saml::key::generate_certified_key(&name, serial, now)
        });
        let pair = pair.await??;
        let material = Material {
            algorithm,
            public_key: Some(pair.public_key),
            private_key: pair.private_key,
        };
        put_into_use(house, environment, purpose, material).await?;
    }
    for purpose in [KeyPurpose::Cookie, KeyPurpose::Pairwise] {
        let algorithm = "random-256";
        if in_use(house, environment, purpose, algorithm) {
            continue;
        }
        let material = Material {
            algorithm,
            public_key: None,
            private_key: random_secret(),
        };
        put_into_use(house, environment, purpose, material).await?;
    }
    Ok(())
}

fn in_use(house: &House, environment: Environment, purpose: KeyPurpose, algorithm: &str) -> bool {
    let network = house.registrar.network();
    network.1.access.keys.iter().any(|((of, _), key)| {
        *of == environment
            && key.purpose == purpose
            && key.algorithm.as_str() == algorithm
            && key.state == KeyState::Active
    })
}

fn random_secret() -> Zeroizing<String> {
    use base64::Engine as _;
    let mut secret = Zeroizing::new([0; 32]);
    crate::machine::SystemRandom.fill(&mut *secret);
    Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(*secret))
}

async fn put_into_use(
    house: &House,
    environment: Environment,
    purpose: KeyPurpose,
    material: Material,
) -> anyhow::Result<()> {
    let today = house.registrar.network().1.date(house.clock.now());
    let what = format!("{purpose:?}").to_lowercase();
    let unique = hex::encode(&crate::machine::SystemRandom.sixteen()[..4]);
    let algorithm = material.algorithm.to_lowercase();
    let key_id: domain::value::ShortText =
        format!("{environment}-{what}-{algorithm}-{today}-{unique}").parse()?;
    let publish = PublishSigningKey {
        environment,
        key_id: key_id.clone(),
        purpose,
        algorithm: material.algorithm.parse()?,
        public_key: material.public_key.map(|key| key.parse()).transpose()?,
        private_key: material.private_key.parse()?,
    };
    house.submit(Right::Clerk, publish).await?;
    house
        .submit(
            Right::Clerk,
            ActivateSigningKey {
                environment,
                key_id,
            },
        )
        .await?;
    Ok(())
}
