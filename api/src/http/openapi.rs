//! The description of the routes for machines (`OpenAPI`).

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "trustnet",
        description = "What machines call. People's clients use GraphQL at /graphql.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        super::health::live,
        super::health::ready,
        super::health::metrics,
        super::graphql::execute,
        super::graphql::upgrade,
        super::sign_in::begin,
        super::sign_in::complete,
        super::sign_in::end,
        super::documents::hand_in,
        super::documents::give_out,
        super::feed::follow,
        super::intake::mark,
        super::intake::take,
        super::provisioning::status,
        super::provisioning::identity_providers,
        super::provisioning::service_providers,
        super::provisioning::list,
        super::provisioning::logo,
        super::provisioning::provisioned,
        serve,
    ),
    components(schemas(Problem)),
    modifiers(&Credentials)
)]
struct Description;

/// How a machine proves who it is.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("`<credential id>.<secret>`"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some(
                "The credential id and the secret; for credentials of the right PROVISIONING",
            ))
            .build();
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "health", responses((status = 200, description = "This document")))]
pub(crate) async fn serve() -> Response {
    (
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        openapi_json(),
    )
        .into_response()
}

/// The description of the routes as JSON, as it is committed beside the code.
pub fn openapi_json() -> String {
    let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let description = Description::openapi();
        let described: BTreeSet<(String, String)> = description
            .paths
            .paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = [
                    ("GET", item.get.is_some()),
                    ("POST", item.post.is_some()),
                    ("PUT", item.put.is_some()),
                    ("DELETE", item.delete.is_some()),
                ];
                methods
                    .into_iter()
                    .filter(|(_, there)| *there)
                    .map(|(method, _)| (path.clone(), method.to_owned()))
            })
            .collect();
        let served: BTreeSet<(String, String)> = crate::http::routes()
            .iter()
            .flat_map(|route| {
                route
                    .methods
                    .iter()
                    .map(|method| (route.path.to_owned(), (*method).to_owned()))
            })
            .collect();
        assert_eq!(described, served);
    }
}
