//! Everything that ends a login, each with a stable code and words in three languages: what
//! happened, and who can mend it.

use crate::language::Words;
use axum::http::StatusCode;
use domain::data_model::RefusalReason;
use projections::routing::Refusal;

/// Why a login ended without a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The service's request breaks its protocol.
    InvalidRequest,
    /// The request is longer than a login can carry.
    RequestTooLarge,
    /// The address to return to is not registered for the client.
    RedirectUriNotRegistered,
    /// The login's cookie is missing or cannot be opened.
    FlowMissing,
    /// The login took too long.
    FlowExpired,
    /// The login's answer was used before.
    FlowUsed,
    /// No home organisation fits the request.
    NoHomeIntegration,
    /// The home organisation's system cannot be reached.
    UpstreamUnavailable,
    /// The home organisation ended the login.
    UpstreamRefused,
    /// The home organisation's answer cannot be trusted.
    UpstreamInvalid,
    /// The integration is not completely configured.
    UpstreamNotConfigured,
    /// Another user logged in than the one the service named.
    AnotherUser,
    /// The user gave too many wrong passwords.
    TooManyAttempts,
    /// The rules of the network forbid it.
    Refused(Refusal),
    /// What the source said does not allow a release.
    Data(RefusalReason),
    /// The authentication could not be made durable.
    NotRecorded,
    /// The node has no table it may serve from, or lacks a key.
    NotReady,
    /// There is no such page.
    NoSuchPage,
}

const SERVICE: Words = Words {
    fi: "Ota yhteyttä palvelun ylläpitäjään.",
    sv: "Kontakta tjänstens administratör.",
    en: "Contact the administrator of the service.",
};
const HOME: Words = Words {
    fi: "Ota yhteyttä oman koulusi tai oppilaitoksesi tukeen.",
    sv: "Kontakta stödet vid din egen skola eller läroanstalt.",
    en: "Contact the support of your own school.",
};
const OPERATOR: Words = Words {
    fi: "Yritä hetken kuluttua uudelleen. Jos vika jatkuu, palvelun ylläpitäjä voi ilmoittaa siitä luottamusverkoston operaattorille.",
    sv: "Försök igen om en stund. Om felet kvarstår kan tjänstens administratör meddela förtroendenätets operatör.",
    en: "Try again in a moment. If it goes on, the administrator of the service can tell the operator of the trust network.",
};
const AGAIN: Words = Words {
    fi: "Palaa palveluun ja aloita kirjautuminen alusta.",
    sv: "Gå tillbaka till tjänsten och börja inloggningen på nytt.",
    en: "Return to the service and start the login again.",
};

impl Problem {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::RedirectUriNotRegistered => "REDIRECT_URI_NOT_REGISTERED",
            Self::FlowMissing => "FLOW_MISSING",
            Self::FlowExpired => "FLOW_EXPIRED",
            Self::FlowUsed => "FLOW_USED",
            Self::NoHomeIntegration => "NO_HOME_INTEGRATION",
            Self::UpstreamUnavailable => "UPSTREAM_UNAVAILABLE",
            Self::UpstreamRefused => "UPSTREAM_REFUSED",
            Self::UpstreamInvalid => "UPSTREAM_INVALID",
            Self::UpstreamNotConfigured => "UPSTREAM_NOT_CONFIGURED",
            Self::AnotherUser => "ANOTHER_USER",
            Self::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            Self::Refused(refusal) => refusal.code(),
            Self::Data(RefusalReason::NothingToRelease) => "NOTHING_TO_RELEASE",
            Self::Data(RefusalReason::LearnerIdMissing) => "LEARNER_ID_MISSING",
            Self::Data(RefusalReason::LearnerIdMalformed) => "LEARNER_ID_MALFORMED",
            Self::Data(RefusalReason::TestLearnerIdNotAllowed) => "TEST_LEARNER_ID_NOT_ALLOWED",
            Self::NotRecorded => "NOT_RECORDED",
            Self::NotReady => "NOT_READY",
            Self::NoSuchPage => "NO_SUCH_PAGE",
        }
    }

    /// Whether it is the network's answer to a login, and so a matter for the log; the others are
    /// broken requests and failures of the proxy.
    pub(crate) fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::Data(_)
                | Self::NoHomeIntegration
                | Self::UpstreamRefused
                | Self::UpstreamInvalid
                | Self::UpstreamUnavailable
                | Self::UpstreamNotConfigured
                | Self::AnotherUser
                | Self::TooManyAttempts
        )
    }

    /// The status of its page.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::RedirectUriNotRegistered
            | Self::FlowMissing
            | Self::FlowExpired
            | Self::FlowUsed => StatusCode::BAD_REQUEST,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::UpstreamUnavailable | Self::UpstreamInvalid => StatusCode::BAD_GATEWAY,
            Self::NotRecorded | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoHomeIntegration
            | Self::UpstreamRefused
            | Self::UpstreamNotConfigured
            | Self::AnotherUser
            | Self::Refused(_)
            | Self::Data(_) => StatusCode::FORBIDDEN,
        }
    }

    /// The error by which the service is told (RFC 6749 §4.1.2.1).
    pub(crate) fn service_error(self) -> &'static str {
        match self {
            Self::NotRecorded | Self::NotReady | Self::UpstreamUnavailable => {
                "temporarily_unavailable"
            }
            Self::UpstreamInvalid | Self::UpstreamNotConfigured => "server_error",
            // OpenID Connect Core §3.1.2.2, of `id_token_hint`.
            Self::AnotherUser => "login_required",
            _ => "access_denied",
        }
    }

    /// What happened.
    pub(crate) fn what(self) -> Words {
        match self {
            Self::InvalidRequest => Words {
                fi: "Palvelun lähettämä kirjautumispyyntö on virheellinen.",
                sv: "Inloggningsbegäran från tjänsten är felaktig.",
                en: "The login request that the service sent is not valid.",
            },
            Self::RequestTooLarge => Words {
                fi: "Palvelun lähettämä kirjautumispyyntö on liian pitkä.",
                sv: "Inloggningsbegäran från tjänsten är för lång.",
                en: "The login request that the service sent is too long.",
            },
            Self::RedirectUriNotRegistered => Words {
                fi: "Palvelu pyysi paluuta osoitteeseen, jota ei ole rekisteröity.",
                sv: "Tjänsten bad om retur till en adress som inte är registrerad.",
                en: "The service asked to return to an address that is not registered.",
            },
            Self::FlowMissing => Words {
                fi: "Kirjautumista ei löydy tästä selaimesta.",
                sv: "Inloggningen hittas inte i den här webbläsaren.",
                en: "This browser does not have the login that the answer belongs to.",
            },
            Self::FlowExpired => Words {
                fi: "Kirjautuminen kesti liian kauan.",
                sv: "Inloggningen tog för lång tid.",
                en: "The login took too long.",
            },
            Self::FlowUsed => Words {
                fi: "Tämä kirjautuminen on jo käytetty.",
                sv: "Den här inloggningen är redan använd.",
                en: "This login has been used already.",
            },
            Self::NoHomeIntegration => Words {
                fi: "Palveluun ei voi kirjautua pyydetyllä tavalla.",
                sv: "Det går inte att logga in i tjänsten på det begärda sättet.",
                en: "The service cannot be logged in to in the way it asked for.",
            },
            Self::UpstreamUnavailable => Words {
                fi: "Kotiorganisaatiosi kirjautumispalvelu ei vastaa.",
                sv: "Din hemorganisations inloggningstjänst svarar inte.",
                en: "The login system of your home organisation does not answer.",
            },
            Self::UpstreamRefused => Words {
                fi: "Kirjautuminen keskeytyi kotiorganisaatiossasi.",
                sv: "Inloggningen avbröts i din hemorganisation.",
                en: "The login was ended at your home organisation.",
            },
            Self::UpstreamInvalid => Words {
                fi: "Kotiorganisaatiosi vastaukseen ei voi luottaa.",
                sv: "Svaret från din hemorganisation är inte tillförlitligt.",
                en: "The answer of your home organisation cannot be trusted.",
            },
            Self::UpstreamNotConfigured => Words {
                fi: "Kotiorganisaatiosi kirjautumista ei ole otettu kokonaan käyttöön.",
                sv: "Din hemorganisations inloggning är inte helt tagen i bruk.",
                en: "The login of your home organisation is not completely set up.",
            },
            Self::AnotherUser => Words {
                fi: "Kirjauduit eri käyttäjänä kuin palvelu odotti.",
                sv: "Du loggade in som en annan användare än tjänsten väntade sig.",
                en: "You logged in as another user than the service expected.",
            },
            Self::TooManyAttempts => Words {
                fi: "Tälle käyttäjälle on annettu liian monta väärää salasanaa. Yritä uudelleen vartin kuluttua.",
                sv: "För många felaktiga lösenord har getts för den här användaren. Försök igen om en kvart.",
                en: "Too many wrong passwords were given for this user. Try again in a quarter of an hour.",
            },
            Self::Refused(refusal) => refused(refusal),
            Self::Data(reason) => data(reason),
            Self::NotRecorded => Words {
                fi: "Kirjautumista ei voitu kirjata lokiin, joten tietojasi ei luovutettu.",
                sv: "Inloggningen kunde inte loggas, och därför lämnades inga uppgifter ut.",
                en: "The login could not be recorded, so none of your data was given out.",
            },
            Self::NotReady => Words {
                fi: "Kirjautuminen ei ole juuri nyt käytettävissä.",
                sv: "Inloggning är inte tillgänglig just nu.",
                en: "Login is not available right now.",
            },
            Self::NoSuchPage => Words {
                fi: "Sivua ei ole.",
                sv: "Sidan finns inte.",
                en: "There is no such page.",
            },
        }
    }

    /// Who can mend it.
    pub(crate) fn who(self) -> Words {
        match self {
            Self::InvalidRequest | Self::RequestTooLarge | Self::RedirectUriNotRegistered => {
                SERVICE
            }
            Self::FlowMissing
            | Self::FlowExpired
            | Self::FlowUsed
            | Self::AnotherUser
            | Self::NoSuchPage => AGAIN,
            Self::Data(RefusalReason::TestLearnerIdNotAllowed) | Self::NoHomeIntegration => SERVICE,
            Self::UpstreamUnavailable
            | Self::UpstreamRefused
            | Self::UpstreamInvalid
            | Self::UpstreamNotConfigured
            | Self::TooManyAttempts
            | Self::Data(_) => HOME,
            Self::NotRecorded | Self::NotReady => OPERATOR,
            Self::Refused(refusal) => match refusal {
                Refusal::EnvironmentMismatch => OPERATOR,
                Refusal::NoSuchService
                | Refusal::ServiceNotActive
                | Refusal::ServiceOutsideWindow => SERVICE,
                Refusal::NoSuchHomeIntegration
                | Refusal::HomeIntegrationNotActive
                | Refusal::HomeIntegrationOutsideWindow
                | Refusal::NotPermitted
                | Refusal::UserSuspended => HOME,
            },
        }
    }
}

fn refused(refusal: Refusal) -> Words {
    match refusal {
        Refusal::EnvironmentMismatch => Problem::NotReady.what(),
        Refusal::NoSuchService => Words {
            fi: "Palvelua ei ole rekisteröity luottamusverkostoon.",
            sv: "Tjänsten är inte registrerad i förtroendenätet.",
            en: "The service is not registered in the trust network.",
        },
        Refusal::ServiceNotActive | Refusal::ServiceOutsideWindow => Words {
            fi: "Palvelu ei ole nyt käytettävissä luottamusverkoston kautta.",
            sv: "Tjänsten är inte tillgänglig via förtroendenätet just nu.",
            en: "The service is not available through the trust network at this time.",
        },
        Refusal::NoSuchHomeIntegration
        | Refusal::HomeIntegrationNotActive
        | Refusal::HomeIntegrationOutsideWindow => Words {
            fi: "Kotiorganisaatiosi kirjautuminen ei ole nyt käytössä luottamusverkostossa.",
            sv: "Din hemorganisations inloggning är inte i bruk i förtroendenätet just nu.",
            en: "The login of your home organisation is not in use in the trust network at this time.",
        },
        Refusal::NotPermitted => Words {
            fi: "Kotiorganisaatiosi ei ole sallinut tätä palvelua.",
            sv: "Din hemorganisation har inte tillåtit den här tjänsten.",
            en: "Your home organisation has not permitted this service.",
        },
        Refusal::UserSuspended => Words {
            fi: "Käyttäjätunnuksesi käyttö on keskeytetty.",
            sv: "Användningen av ditt konto har avbrutits.",
            en: "The use of your account is suspended.",
        },
    }
}

fn data(reason: RefusalReason) -> Words {
    match reason {
        RefusalReason::NothingToRelease => Words {
            fi: "Kotiorganisaatiosi ei luovuta tietojasi tähän palveluun.",
            sv: "Din hemorganisation lämnar inte ut dina uppgifter till den här tjänsten.",
            en: "Your home organisation does not give your data to this service.",
        },
        RefusalReason::LearnerIdMissing => Words {
            fi: "Kotiorganisaatiosi ei ilmoittanut oppijanumeroasi.",
            sv: "Din hemorganisation uppgav inte ditt studentnummer.",
            en: "Your home organisation did not give your learner id.",
        },
        RefusalReason::LearnerIdMalformed => Words {
            fi: "Kotiorganisaatiosi ilmoittama oppijanumero on virheellinen.",
            sv: "Studentnumret som din hemorganisation uppgav är felaktigt.",
            en: "The learner id that your home organisation gave is not valid.",
        },
        RefusalReason::TestLearnerIdNotAllowed => Words {
            fi: "Palvelu ei hyväksy testioppijanumeroita.",
            sv: "Tjänsten godkänner inte teststudentnummer.",
            en: "The service does not accept test learner ids.",
        },
    }
}
