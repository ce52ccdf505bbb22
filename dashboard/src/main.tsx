import './design/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startLanguages } from './i18n';
import { applyTheme } from './shell/choices';
import { Root } from './shell/Root';

applyTheme();
void startLanguages().then(() => {
  const place = document.getElementById('root');
  if (!place) throw new Error('the page has no place for the application');
  createRoot(place).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
});
