import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { Button } from '../design/basics';
import { TextField } from '../design/fields';
import { useWords } from '../i18n/useWords';
import { toInstant } from '../changing/zone';
import { useZone } from './session';

/** Takes the page to a past moment: a day and time, or a position of the log. */
export function AsOfControl() {
  const { t } = useWords();
  const navigate = useNavigate();
  const zone = useZone();
  const [at, setAt] = useState('');
  const [position, setPosition] = useState('');
  const [open, setOpen] = useState(false);
  const go = () => {
    const asOf = position || toInstant(at, zone);
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
