import './styles/index.css';
import { render } from 'preact';
import { App } from './app.js';
import { connect } from './connection/session.js';
import { followAbout } from './state/about.js';
import { followOffer } from './state/registry.js';
import { followRights } from './state/rights.js';
import './state/theme.js';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
followOffer();
followAbout();
followRights();
connect();
