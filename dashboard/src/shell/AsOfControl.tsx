import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { Button } from '../design/basics';
import { TextField } from '../design/fields';
import { useWords } from '../i18n/useWords';

/** Takes the page to a past moment: a day and time, or a position of the log. */
export function AsOfControl() {
  const { t } = useWords();
  const navigate = useNavigate();
  const [at, setAt] = useState('');
  const [position, setPosition] = useState('');
  const [open, setOpen] = useState(false);
  const go = () => {
    const instant = at ? new Date(at) : undefined;
    const asOf = position || (instant && !Number.isNaN(instant.getTime()) && instant.toISOString());
    if (!asOf) return;
    setOpen(false);
    void navigate({
      to: '.',
      search: ((old: Record<string, unknown>) => ({ ...old, asOf })) as never,
    });
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button compact>{t('past.open')}</Button>
      <Popover className="popover">
        <Dialog aria-label={t('past.open')} className="card">
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              go();
            }}
          >
            <p className="help">{t('past.help')}</p>
            <TextField
              label={t('past.instant')}
              type="datetime-local"
              value={at}
              onChange={(value) => {
                setAt(value);
                setPosition('');
              }}
            />
            <TextField
              label={t('past.positionField')}
              inputMode="numeric"
              pattern="[0-9]*"
              value={position}
              onChange={(value) => {
                setPosition(value.replaceAll(/\D/g, ''));
                setAt('');
              }}
            />
            <Button kind="primary" type="submit">
              {t('past.go')}
            </Button>
          </form>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
