import './styles/index.css';
import { render } from 'preact';
import { App } from './app.js';
import { connect } from './connection/session.js';
import { followOffer } from './state/registry.js';
import './state/theme.js';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
followOffer();
connect();
