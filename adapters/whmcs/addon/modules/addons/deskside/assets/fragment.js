// Fragments of HTML from Deskside: asked for, cleaned once more, shown.
(function () {
  'use strict';
  if (window.Deskside) { return; }
  var TAGS = ('a b bdi br button code details div em h3 li ol p section small span strong summary table tbody td th ' +
    'thead time tr ul').toUpperCase().split(' ');
  var ATTRIBUTES = ['class', 'datetime', 'lang', 'title', 'scope', 'colspan', 'target', 'rel', 'type', 'value', 'data-deskside-do'];
  var ANSWER_MS = 3000;
  var language;

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }

  // Deskside escapes all that comes from outside. What is inserted is still only what it is known to send: the
  // document made here is inert, and nothing but these tags and attributes leaves it.
  function clean(html) {
    var made = new DOMParser().parseFromString(html, 'text/html');
    var found = document.createDocumentFragment();
    Array.prototype.forEach.call(made.body.childNodes, function (node) { copy(node, found); });
    return found;
  }

  function copy(node, into) {
    if (node.nodeType === 3) {
      into.appendChild(document.createTextNode(node.nodeValue));
      return;
    }
    if (node.nodeType !== 1 || TAGS.indexOf(node.tagName) < 0) { return; }
    var made = document.createElement(node.tagName);
    Array.prototype.forEach.call(node.attributes, function (attribute) {
      if (ATTRIBUTES.indexOf(attribute.name) >= 0) { made.setAttribute(attribute.name, attribute.value); }
    });
    var address = node.getAttribute('href');
    if (node.tagName === 'A' && address && /^https?:\/\//i.test(address)) { made.setAttribute('href', address); }
    Array.prototype.forEach.call(node.childNodes, function (child) { copy(child, made); });
    into.appendChild(made);
  }

  function localTimes(root) {
    var today = new Date().toDateString();
    Array.prototype.forEach.call(root.querySelectorAll('time[datetime]'), function (time) {
      var at = new Date(time.getAttribute('datetime'));
      if (isNaN(at)) { return; }
      var parts = { hour: '2-digit', minute: '2-digit' };
      if (at.toDateString() !== today) { parts.day = 'numeric'; parts.month = 'short'; }
      time.textContent = at.toLocaleString(language, parts);
      time.title = at.toLocaleString(language);
    });
  }

  // Replace what a place shows; what was folded out stays so.
  function show(place, html) {
    if (place.desksideShown === html) { return; }
    var open = Array.prototype.map.call(place.querySelectorAll('details'), function (one) { return one.open; });
    var made = clean(html || '');
    localTimes(made);
    while (place.firstChild) { place.removeChild(place.firstChild); }
    place.appendChild(made);
    var now = place.querySelectorAll('details');
    if (now.length === open.length) {
      Array.prototype.forEach.call(now, function (one, index) { one.open = open[index]; });
    }
    place.desksideShown = html;
  }

  function form(config, fields) {
    var sent = new URLSearchParams();
    sent.set('deskside_token', config.token);
    if (config.ticket) { sent.set('ticket', config.ticket); }
    // The page's own token, which WHMCS may want besides ours.
    if (typeof csrfToken === 'string') { sent.set('token', csrfToken); }
    Object.keys(fields || {}).forEach(function (name) { sent.set(name, fields[name]); });
    return sent;
  }

  // Always resolves; whatever goes wrong is `{ok: false}`.
  function ask(config, action, fields) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, ANSWER_MS);
    return fetch(config.endpoint + encodeURIComponent(action), {
      method: 'POST', body: form(config, fields), credentials: 'same-origin', signal: stop.signal
    }).then(function (answer) {
      // A page instead of JSON: signed out, or a role without access to the addon.
      if (!/json/.test(answer.headers.get('Content-Type') || '')) { return { ok: false, denied: answer.ok }; }
      return answer.json();
    }).catch(function () {
      return { ok: false, away: true };
    }).then(function (found) {
      clearTimeout(timer);
      return found || { ok: false, away: true };
    });
  }

  function tell(config, action, fields) {
    if (navigator.sendBeacon) { navigator.sendBeacon(config.endpoint + encodeURIComponent(action), form(config, fields)); }
  }

  // Now, then every so often while somebody looks.
  function repeat(act, everyMs) {
    act();
    setInterval(function () { if (!document.hidden) { act(); } }, everyMs);
    document.addEventListener('visibilitychange', function () { if (!document.hidden) { act(); } });
    window.addEventListener('pageshow', function (event) { if (event.persisted) { act(); } });
  }

  function place(className) {
    var found = document.querySelector('.deskside.' + className + '[data-deskside]');
    if (!found || found.desksideReady) { return null; }
    found.desksideReady = true;
    var config = JSON.parse(found.getAttribute('data-deskside'));
    language = config.language || document.documentElement.lang || undefined;
    return {
      root: found,
      notice: found.querySelector('.deskside-notice'),
      body: found.querySelector('.deskside-body'),
      config: config
    };
  }

  // A better place that is for sale: asked for, then looked for again until its invoice is there.
  function boosts(place, look) {
    place.body.addEventListener('click', function (event) {
      var button = event.target.closest && event.target.closest('[data-deskside-do="boost"]');
      if (!button || button.disabled || !window.confirm(place.config.words.boost)) { return; }
      var wanted = button.value.split(' ');
      button.disabled = true;
      place.notice.textContent = '';
      ask(place.config, 'boost.ask', { kind: wanted[0], place: wanted[1] }).then(function (found) {
        if (!found.ok) {
          button.disabled = false;
          place.notice.textContent = place.config.words.boost_failed;
          return;
        }
        show(place.body, found.html);
        [1500, 4000, 10000].forEach(function (after) { setTimeout(look, after); });
      });
    });
  }

  window.Deskside = {
    boosts: boosts, ask: ask, tell: tell, show: show, repeat: repeat, place: place, element: element, clean: clean
  };
})();
