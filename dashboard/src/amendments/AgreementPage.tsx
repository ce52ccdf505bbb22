import { graphql } from '../api/graphql';
import { bare } from '../api/names';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Facts, Loading, PageHead, State } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { DocumentLink } from '../design/DocumentLink';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

const AGREEMENT = graphql(`
  query Agreement($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      agreement {
        instruments {
          version
          kind
          document
          isOffered
          validFrom
          address
          title {
            fi
            sv
            en
          }
        }
        annexes {
          number
          inForce {
            version
          }
          editions {
            version
            entersOn
            document
            amendment
            transitionLastDay
            title {
              fi
              sv
              en
            }
          }
        }
        amendments(first: 100) {
          nodes {
            id
            annex
            version
            state
            entersOn
            notifyBy
            urgent
            title {
              fi
              sv
              en
            }
            votes {
              ballot
            }
            notices {
              receivedOn
            }
          }
        }
      }
    }
  }
`);

export function AgreementPage() {
  const { t, name, value } = useWords();
  const { date, number } = useFormat();
  const { data, error, again } = useNetwork(AGREEMENT, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const { instruments, annexes } = data.network.agreement;
  const amendments = data.network.agreement.amendments.nodes;
  return (
    <>
      <PageHead
        title={t('nav.agreement')}
        lead={t('agreement.lead')}
        actions={<ActionLink primary command="proposeAmendment" />}
      />
      <div className="stack">
        <Card title={t('agreement.amendments')}>
          <SmallTable
            caption={t('agreement.amendments')}
            rows={amendments}
            rowKey={(row) => row.id}
            empty={t('agreement.noAmendments')}
            columns={[
              {
                key: 'title',
                title: t('field.title'),
                heads: true,
                text: (row) => name(row.title),
                cell: (row) => <GoTo to={`/amendments/${bare(row.id)}`}>{name(row.title)}</GoTo>,
              },
              {
                key: 'annex',
                title: t('field.annex'),
                text: (row) => `${value(row.annex)} ${row.version}`,
              },
              {
                key: 'state',
                title: t('column.state'),
                text: (row) => value(row.state),
                cell: (row) => (
                  <>
                    <State of={row.state} />{' '}
                    {row.urgent && <Badge tone="warn">{t('amendment.urgent')}</Badge>}
                  </>
                ),
              },
              {
                key: 'votes',
                title: t('amendment.votes'),
                numeric: true,
                text: (row) => number(row.votes.length),
              },
              {
                key: 'notices',
                title: t('amendment.received'),
                numeric: true,
                text: (row) =>
                  `${number(row.notices.filter((each) => each.receivedOn).length)} / ${number(row.notices.length)}`,
              },
              {
                key: 'enters',
                title: t('field.entersOn'),
                tight: true,
                text: (row) => date(row.entersOn),
              },
            ]}
          />
        </Card>
        <Card
          title={t('agreement.instruments')}
          actions={<ActionLink compact command="publishInstrument" />}
        >
          <SmallTable
            caption={t('agreement.instruments')}
            rows={instruments}
            rowKey={(row) => row.version}
            empty={t('none')}
            columns={[
              {
                key: 'title',
                title: t('field.title'),
                heads: true,
                text: (row) => name(row.title),
              },
              { key: 'version', title: t('field.version'), text: (row) => row.version },
              { key: 'kind', title: t('column.kind'), text: (row) => value(row.kind) },
              {
                key: 'valid',
                title: t('field.validFrom'),
                tight: true,
                text: (row) => date(row.validFrom),
              },
              {
                key: 'offered',
                title: t('column.state'),
                text: (row) => (row.isOffered ? t('agreement.offered') : t('agreement.closed')),
              },
              {
                key: 'document',
                title: t('column.document'),
                text: () => '',
                cell: (row) => <Reference of={row.document} />,
              },
              {
                key: 'close',
                title: t('column.change'),
                text: () => '',
                cell: (row) =>
                  row.isOffered && (
                    <ActionLink
                      compact
                      command="closeInstrument"
                      given={{ version: row.version }}
                      about={row.version}
                    />
                  ),
              },
            ]}
          />
        </Card>
        <Card
          title={t('agreement.annexes')}
          actions={<ActionLink compact command="publishAnnex" />}
        >
          <div className="grid">
            {annexes.map((annex) => (
              <section key={annex.number} className="stack">
                <h3>{value(annex.number)}</h3>
                {annex.editions.map((edition) => (
                  <Facts
                    key={edition.version}
                    of={[
                      [
                        t('field.version'),
                        <span className="row" key="v">
                          {edition.version}
                          {edition.version === annex.inForce?.version && (
                            <Badge tone="good">{t('value.IN_FORCE')}</Badge>
                          )}
                        </span>,
                      ],
                      [t('field.title'), name(edition.title)],
                      [t('field.entersOn'), date(edition.entersOn)],
                      [
                        t('field.transitionLastDay'),
                        edition.transitionLastDay && date(edition.transitionLastDay),
                      ],
                      [t('column.document'), <Reference key="d" of={edition.document} />],
                    ]}
                  />
                ))}
              </section>
            ))}
          </div>
        </Card>
      </div>
    </>
  );
}

/** A document as the API names it: a reference, or a hash inside an object. */
export function Reference({ of }: { of: unknown }) {
  if (typeof of === 'string') return <DocumentLink reference={of} />;
  return <>–</>;
}
