import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Empty, Facts, Loading, PageHead } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { OrganisationLink } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

const STEERING = graphql(`
  query Steering($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      at
      steeringGroup {
        feeReviews
        terms {
          decision
          firstDay
          lastDay
        }
        seats(inOffice: true) {
          id
          name
          firstDay
          lastDay
          inOffice
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
        }
        meetings(first: 100) {
          nodes {
            id
            agenda
            place
            beginsAt
            calledAt
            cancelledAt
            heldOn
            present
            summary
          }
        }
      }
    }
  }
`);

interface FeeReview {
  year: number;
  reviewedOn: string;
  decisions: { form: string; yearlyFeeCents: number | null }[];
}

/** An address in a text becomes a link; nothing else of it is believed. */
function Place({ of }: { of: string }) {
  return /^https:\/\/\S+$/.test(of) ? (
    <a href={of} rel="noreferrer">
      {of}
    </a>
  ) : (
    <>{of}</>
  );
}

export function SteeringPage() {
  const { t, name, value } = useWords();
  const { date, instant, locale } = useFormat();
  const { data, error, again } = useNetwork(STEERING, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const { seats, terms, feeReviews } = data.network.steeringGroup;
  const meetings = data.network.steeringGroup.meetings.nodes;
  const reviews = feeReviews as unknown as FeeReview[];
  const seatName = (id: string) => seats.find((seat) => seat.id === id)?.name ?? id;
  const euros = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' });
  return (
    <>
      <PageHead
        title={t('nav.steering')}
        lead={t('steering.lead')}
        actions={
          <>
            <ActionLink primary command="callMeeting" />
            <ActionLink command="conveneSteeringGroup" />
          </>
        }
      />
      <div className="stack">
        <Card title={t('steering.meetings')}>
          {meetings.length === 0 && <Empty>{t('steering.noMeetings')}</Empty>}
          <div className="grid">
            {meetings.map((meeting) => {
              const open = !meeting.heldOn && !meeting.cancelledAt;
              return (
                <article key={meeting.id} className="stack-small">
                  <h3>{instant(meeting.beginsAt)}</h3>
                  <p>
                    {meeting.heldOn && <Badge tone="good">{t('steering.held')}</Badge>}
                    {meeting.cancelledAt && <Badge tone="warn">{t('steering.cancelled')}</Badge>}
                    {open && <Badge tone="accent">{t('steering.coming')}</Badge>}
                  </p>
                  <Facts
                    of={[
                      [t('field.agenda'), meeting.agenda],
                      [t('field.place'), <Place key="p" of={meeting.place} />],
                      [t('field.heldOn'), meeting.heldOn && date(meeting.heldOn)],
                      [t('field.present'), meeting.present.map(seatName).join(', ')],
                      [t('field.summary'), meeting.summary],
                    ]}
                  />
                  {open && (
                    <div className="row">
                      <ActionLink compact command="holdMeeting" given={{ meeting: meeting.id }} />
                      <ActionLink compact command="cancelMeeting" given={{ meeting: meeting.id }} />
                    </div>
                  )}
                  {meeting.heldOn && (
                    <ActionLink
                      compact
                      command="reviewFees"
                      given={{ meeting: meeting.id }}
                      about={instant(meeting.beginsAt)}
                    />
                  )}
                </article>
              );
            })}
          </div>
        </Card>
        <Card
          title={t('steering.seats')}
          actions={<ActionLink compact command="appointSteeringMember" />}
        >
          <SmallTable
            caption={t('steering.seats')}
            rows={seats}
            rowKey={(row) => row.id}
            empty={t('steering.noSeats')}
            columns={[
              {
                key: 'name',
                title: t('column.name'),
                heads: true,
                text: (row) => row.name ?? t('notNamed'),
              },
              {
                key: 'organisation',
                title: t('column.organisation'),
                text: (row) => name(row.organisation.name, row.organisation.oid),
                cell: (row) => <OrganisationLink of={row.organisation} />,
              },
              {
                key: 'first',
                title: t('field.firstDay'),
                tight: true,
                text: (row) => date(row.firstDay),
              },
              {
                key: 'last',
                title: t('field.lastDay'),
                tight: true,
                text: (row) => date(row.lastDay),
              },
              {
                key: 'change',
                title: t('column.change'),
                text: () => '',
                cell: (row) => (
                  <ActionLink
                    compact
                    command="dismissSteeringMember"
                    given={{ seat: row.id }}
                    about={row.name ?? row.id}
                  />
                ),
              },
            ]}
          />
        </Card>
        <div className="grid">
          <Card title={t('steering.terms')}>
            {terms.length === 0 && <Empty>{t('none')}</Empty>}
            {terms.map((term) => (
              <Facts
                key={term.firstDay}
                of={[
                  [t('field.decision'), term.decision],
                  [t('field.firstDay'), date(term.firstDay)],
                  [t('field.lastDay'), date(term.lastDay)],
                ]}
              />
            ))}
          </Card>
          <Card title={t('steering.fees')}>
            {reviews.length === 0 && <Empty>{t('none')}</Empty>}
            {reviews.map((review) => (
              <section key={review.year} className="stack-small">
                <h3>{review.year}</h3>
                <Facts
                  of={review.decisions.map((each) => [
                    value(each.form),
                    each.yearlyFeeCents === null
                      ? t('steering.free')
                      : euros.format(each.yearlyFeeCents / 100),
                  ])}
                />
              </section>
            ))}
          </Card>
        </div>
      </div>
    </>
  );
}
