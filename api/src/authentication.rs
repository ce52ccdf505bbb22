//! Who a caller is: the sealed session of a person who signed in, or a machine's credential.
//!
//! What a caller may do is read from the network at each request (see [`crate::Caller`]); only
//! organisation rights that the sign-in issuer named travel in the session.

pub(crate) mod claims;
pub(crate) mod cookie;
pub(crate) mod credential;
pub(crate) mod jwt;
pub(crate) mod people;
pub(crate) mod session;
pub(crate) mod sign_in;

pub use credential::{hash_secret, secret_matches};
pub use sign_in::SignInConfig;
