import { useParams } from '@tanstack/react-router';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { Button, Card, Facts, Loading, Notice, PageHead } from '../design/basics';
import { DocumentLink } from '../design/DocumentLink';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { MemberRecord } from '../members/record';

const CONTRACT = graphql(`
  query Contract($asOf: AsOfInput, $minPosition: Int, $id: ID!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Member {
        record
        name {
          fi
          sv
          en
        }
      }
    }
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      founding {
        operator {
          organisation
          businessId
          name {
            fi
            sv
            en
          }
        }
      }
      agreement {
        instruments {
          version
          document
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
            title {
              fi
              sv
              en
            }
          }
        }
      }
    }
  }
`);

/** The drafted contract for paper: who agrees on what, and where they sign. */
export function ContractPage() {
  const { oid } = useParams({ strict: false }) as { oid: string };
  const { t, name, value } = useWords();
  const { date } = useFormat();
  const { data, error, again, fetching } = useNetwork(CONTRACT, { id: `member:${oid}` });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const member = data.node && 'record' in data.node ? data.node : null;
  const record = member?.record as unknown as MemberRecord | null | undefined;
  const contract = record?.contract;
  if (!member || !record || !contract) {
    return fetching ? (
      <Loading />
    ) : (
      <>
        <PageHead title={t('contract.title', { name: oid })} />
        <Notice tone="warn">
          <p>{t('contract.none')}</p>
        </Notice>
      </>
    );
  }
  const { founding, agreement } = data.network;
  const instrument = agreement.instruments.find((each) => each.version === contract.instrument);
  const memberName = name(member.name, oid);
  const operator = founding?.operator;
  return (
    <>
      <PageHead
        crumbs={
          <span className="no-print">
            <GoTo to={`/members/${oid}`}>{memberName}</GoTo>
          </span>
        }
        title={t('contract.title', { name: memberName })}
        lead={t('contract.lead', {
          title: name(instrument?.title, contract.instrument),
          version: contract.instrument,
          date: date(contract.draftedOn),
        })}
        actions={
          <Button className="no-print" kind="primary" onPress={() => window.print()}>
            {t('contract.print')}
          </Button>
        }
      />
      <div className="stack">
        <Card title={t('contract.parties')}>
          <Facts
            of={[
              [
                t('value.OPERATOR'),
                [name(operator?.name), operator?.businessId, operator?.organisation]
                  .filter(Boolean)
                  .join(', '),
              ],
              [
                t('field.member'),
                [memberName, record.businessId, record.postalAddress, oid]
                  .filter(Boolean)
                  .join(', '),
              ],
              [t('column.roles'), record.application?.roles.map(value).join(', ')],
              ...record.contacts
                .filter((each) => !each.until)
                .map(
                  (each) =>
                    [
                      each.role === 'CONTRACT' ? t('contacts.contract') : value(each.role),
                      [each.contact.name, each.contact.email, each.contact.phone]
                        .filter(Boolean)
                        .join(', '),
                    ] as const,
                ),
              [
                t('contract.text'),
                typeof instrument?.document === 'string' && (
                  <DocumentLink reference={instrument.document} />
                ),
              ],
            ]}
          />
        </Card>
        <Card title={t('contract.annexes')}>
          <ul>
            {agreement.annexes.flatMap((annex) =>
              annex.inForce
                ? [
                    <li key={annex.number}>
                      {value(annex.number)}: {name(annex.inForce.title)}, {annex.inForce.version}
                    </li>,
                  ]
                : [],
            )}
          </ul>
        </Card>
        <Card title={t('contract.signatures')}>
          <div className="grid">
            {[
              ...contract.signatories.map((each) => ({
                key: each.contact.person,
                who: each.contact.name ?? t('erased'),
                party: memberName,
                on: each.signedOn,
              })),
              {
                key: 'operator',
                who: '',
                party: name(operator?.name),
                on: contract.operatorSignedOn,
              },
            ].map((each) => (
              <section key={each.key} className="stack-small">
                <h3>{each.party}</h3>
                <div className="signature-line">{each.on ? date(each.on) : ''}</div>
                <div>{each.who}</div>
                <div className="quiet small">{t('contract.dateAndPlace')}</div>
              </section>
            ))}
          </div>
        </Card>
      </div>
    </>
  );
}
