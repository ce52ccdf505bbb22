import { graphql } from '../api/graphql';

/** The registers of the operations, each a list of its own. */

export const INTERRUPTIONS = graphql(`
  query Interruptions($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        interruptions(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            environments
            announcedAt
            announcement
            address
            cancelledAt
            startedAt
            ground
            description
            endedAt
            planned {
              from
              until
            }
            suspends {
              from
              until
            }
          }
        }
      }
    }
  }
`);

export const SUSPENSIONS = graphql(`
  query Suspensions($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        suspensions(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            integration
            services
            ground
            reason
            informedAt
            informedBy
            reinstatedBecause
            window {
              from
              until
            }
            organisation {
              oid
              name {
                fi
                sv
                en
              }
            }
          }
        }
      }
    }
  }
`);

export const MISUSE = graphql(`
  query MisuseCases($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        misuseCases(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            noticedOn
            description
            closedOn
            outcome
            finding
            reportedBy {
              oid
              name {
                fi
                sv
                en
              }
            }
            participations {
              tookPartOn
              contribution
              member {
                oid
                name {
                  fi
                  sv
                  en
                }
              }
            }
            silentMembers {
              oid
              name {
                fi
                sv
                en
              }
            }
          }
        }
      }
    }
  }
`);

export const BREACHES = graphql(`
  query Breaches($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        breaches(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            detectedAt
            description
            controllers {
              notifiedAt
              channel
              content
              document
              organisation {
                oid
                name {
                  fi
                  sv
                  en
                }
              }
            }
          }
        }
      }
    }
  }
`);

export const DISCLOSURES = graphql(`
  query Disclosures($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        disclosures(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            authority
            legalBasis
            messageId
            firstDay
            lastDay
            receivedOn
            isOpen
            organisation {
              oid
              name {
                fi
                sv
                en
              }
            }
            outcome {
              disclosed
              decidedOn
              document
              authentications
              reason
            }
          }
        }
      }
    }
  }
`);

export const SUBJECT_REQUESTS = graphql(`
  query SubjectRequests($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        subjectRequests(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            right
            receivedOn
            description
            answeredOn
            answer
            organisation {
              oid
              name {
                fi
                sv
                en
              }
            }
          }
        }
      }
    }
  }
`);

export const PERMITS = graphql(`
  query Permits($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        subprocessorPermits(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            document
            subprocessor
            businessId
            task
            permittedOn
            lastDay
            organisation {
              oid
              name {
                fi
                sv
                en
              }
            }
            provider {
              oid
              name {
                fi
                sv
                en
              }
            }
          }
        }
      }
    }
  }
`);

export const AUDITS = graphql(`
  query OperatorAudits($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        audits(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            auditor
            requestedOn
            scope
            heldOn
            operatorTookPart
            findings
            report
            organisation {
              oid
              name {
                fi
                sv
                en
              }
            }
          }
        }
      }
    }
  }
`);

export const COMMITMENTS = graphql(`
  query Commitments($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operations {
        commitments(after: $after, first: $first) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            name
            committedOn
            document
          }
        }
      }
    }
  }
`);

export const DISCLOSED = graphql(`
  query Disclosed($id: ID!, $environment: Environment, $first: Int) {
    node(id: $id) {
      id
      ... on LogDisclosure {
        authentications(environment: $environment, first: $first) {
          pageInfo {
            hasNextPage
          }
          nodes {
            user
            authentication {
              position
              recordedAt
              outcome
              reason
              requestId
              service
              homeIntegration
              released
            }
          }
        }
      }
    }
  }
`);
