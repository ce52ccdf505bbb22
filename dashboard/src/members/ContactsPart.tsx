import { ActionLink } from '../changing/ActionLink';
import { Card, Facts, Notice } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { enums } from '../api/generated/enums';
import type { MemberRecord } from './record';

interface Contact {
  id: string;
  role: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  postalAddress: string | null;
}

/** Who is asked about what, now and before. */
export function ContactsPart({
  oid,
  record,
  contacts,
}: {
  oid: string;
  record: MemberRecord;
  contacts: readonly Contact[];
}) {
  const { t, value } = useWords();
  const { instant } = useFormat();
  const former = record.contacts.filter((each) => each.until);
  return (
    <div className="stack">
      <p className="help">{t('contacts.help')}</p>
      <div className="grid">
        {enums.ContactRole.map((role) => {
          const contact = contacts.find((each) => each.role === role);
          return (
            <Card
              key={role}
              title={role === 'CONTRACT' ? t('contacts.contract') : value(role)}
              actions={
                <ActionLink
                  compact
                  command="nameContact"
                  given={{ member: oid, role }}
                  organisation={oid}
                  about={value(role)}
                >
                  {contact ? t('contacts.change') : t('contacts.name')}
                </ActionLink>
              }
            >
              {contact ? (
                <Facts
                  of={[
                    [t('field.name'), contact.name ?? t('erased')],
                    [
                      t('field.email'),
                      contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>,
                    ],
                    [t('field.phone'), contact.phone],
                    [t('field.postalAddress'), contact.postalAddress],
                  ]}
                />
              ) : (
                <Notice tone="warn">
                  <p>{t('contacts.missing')}</p>
                </Notice>
              )}
            </Card>
          );
        })}
      </div>
      {former.length > 0 && (
        <Card title={t('contacts.former')}>
          <SmallTable
            caption={t('contacts.former')}
            rows={former}
            rowKey={(row) => `${row.role} ${row.from}`}
            empty=""
            columns={[
              { key: 'role', title: t('column.role'), text: (row) => value(row.role) },
              {
                key: 'name',
                title: t('field.name'),
                heads: true,
                text: (row) => row.contact.name ?? t('erased'),
              },
              {
                key: 'from',
                title: t('column.since'),
                tight: true,
                text: (row) => instant(row.from),
              },
              {
                key: 'until',
                title: t('column.until'),
                tight: true,
                text: (row) => instant(row.until),
              },
            ]}
          />
        </Card>
      )}
    </div>
  );
}
