import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { Card, Facts, Loading, Notice, PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { useWords } from '../i18n/useWords';
import { useSession } from './session';

const CONTACTS = graphql(`
  query FeedbackContacts($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      operatorContacts {
        id
        role
        name
        email
        phone
      }
    }
  }
`);

/** Where feedback goes: to the operator's contacts, as the ledger names them. */
export function FeedbackPage() {
  const { t, value } = useWords();
  const session = useSession();
  const { data, error, again } = useNetwork(CONTACTS, {});
  const contacts = data?.network.operatorContacts ?? [];
  return (
    <>
      <PageHead title={t('nav.feedback')} lead={t('feedback.lead')} />
      {error && <Failure error={error} again={again} />}
      {!data && !error && <Loading />}
      {data && contacts.length === 0 && (
        <Notice>
          <p>{t('feedback.noContacts', { operator: session.operator ?? t('value.OPERATOR') })}</p>
        </Notice>
      )}
      <div className="grid">
        {contacts.map((contact) => (
          <Card key={contact.id} title={value(contact.role)}>
            <Facts
              of={[
                [t('field.name'), contact.name ?? t('erased')],
                [
                  t('field.email'),
                  contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>,
                ],
                [t('field.phone'), contact.phone],
              ]}
            />
          </Card>
        ))}
      </div>
      <p className="help">{t('feedback.what')}</p>
    </>
  );
}
