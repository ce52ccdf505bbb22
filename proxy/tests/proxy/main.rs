//! The proxy as a whole, in process: a scripted browser and service on one side, a stand-in for a
//! home organisation's OpenID Connect provider on the other.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod choice;
#[cfg(test)]
mod login;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod security;
#[cfg(test)]
mod single_sign_on;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod world;
