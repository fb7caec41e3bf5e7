// The reply lock in the browser: who types takes it, who does not have it cannot send. Without Deskside nobody is stopped.
(function () {
  'use strict';
  var Deskside = window.Deskside;
  if (!Deskside || Deskside.lock) { return; }
  var IDLE_MS = 5 * 60 * 1000;
  var NEARLY_OVER_MS = 3000;

  Deskside.lock = function (place) {
    var config = place.config;
    var form = document.querySelector(config.selectors.replyForm);
    var field = document.querySelector(config.selectors.replyField);
    var button = document.querySelector(config.selectors.replyButton);
    if (!form || !field || !form.contains(field)) { return null; }

    var draft = Deskside.draft(place, field);
    var lease = null;      // the token of our lease
    var until = 0;         // until when it is good, by this clock
    var theirs = false;    // somebody else has it
    var asking = 0;        // questions about the lock under way
    var epoch = 0;         // counts them, so that an older look at the ticket is not believed
    var passing = false;
    var sending = false;
    var typedAt = 0;
    var timer = null;
    var stopped = false;   // we disabled the button

    function has() { return lease !== null && Date.now() < until - NEARLY_OVER_MS; }

    function block(on) {
      theirs = on;
      if (button && on && !button.disabled) { button.disabled = true; stopped = true; }
      if (button && !on && stopped) { button.disabled = false; stopped = false; }
      place.root.classList.toggle('deskside-blocked', on);
    }

    function say(text) {
      place.notice.desksideShown = null;
      place.notice.textContent = text;
    }

    function believe(lock, html) {
      block(lock.held && !lock.mine);
      if (lock.held && !lock.mine) { lease = null; }
      Deskside.show(place.notice, html);
    }

    function away(found) {
      // Fails open: nothing is locked that nobody watches.
      block(false);
      say(found.denied ? config.words.denied : config.words.away);
    }

    function change(action) {
      var fields = {};
      if (lease !== null) { fields.lease = lease; }
      asking += 1;
      epoch += 1;
      return Deskside.ask(config, action, fields).then(function (found) {
        asking -= 1;
        if (!found.ok || !found.lock) { away(found); return found; }
        if (found.lock.token) { lease = found.lock.token; }
        if (found.lock.mine && (found.lock.granted || found.lock.token)) {
          until = Date.now() + found.lock.seconds * 1000;
          clearTimeout(timer);
          timer = setTimeout(renew, found.lock.lease_seconds * 1000 / 3);
        } else {
          lease = null;
        }
        believe(found.lock, found.html);
        return found;
      });
    }

    function renew() {
      if (lease === null) { return; }
      if (Date.now() - typedAt > IDLE_MS) {
        change('lock.release').then(function () { lease = null; say(config.words.idle); });
        return;
      }
      change('lock.renew').then(function (found) {
        if (!found.ok && lease !== null) { timer = setTimeout(renew, 15000); }
      });
    }

    function typed() {
      sending = false;
      typedAt = Date.now();
      if (!has() && !theirs && asking === 0) { change('lock.take'); }
    }

    function send(submitter) {
      passing = true;
      sending = true;
      draft.keep(true);
      if (form.requestSubmit) { form.requestSubmit(submitter || undefined); } else { (submitter || button).click(); }
      passing = false;
    }

    // On the document and in the capture phase: before the handlers that WHMCS has on the form.
    document.addEventListener('submit', function (event) {
      if (event.target !== form || passing) { return; }
      if (has()) { sending = true; draft.keep(true); return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      var submitter = event.submitter;
      draft.keep(false);
      change('lock.take').then(function () { if (!theirs) { send(submitter); } });
    }, true);

    place.notice.addEventListener('click', function (event) {
      var wanted = event.target.getAttribute && event.target.getAttribute('data-deskside-do');
      if (wanted === 'override' && window.confirm(config.words.confirm)) {
        typedAt = Date.now();
        change('lock.override');
      }
    });

    field.addEventListener('input', typed);
    window.addEventListener('pagehide', function () {
      if (!sending) { draft.keep(false); }
      if (lease !== null && !sending) {
        Deskside.tell(config, 'lock.release', { lease: lease });
        lease = null;
      }
    });
    if (config.refused) { say(config.words.refused); }

    return {
      epoch: function () { return epoch; },
      // What a look at the ticket showed, unless something about the lock was asked since.
      seen: function (at, found) {
        if (asking > 0 || at !== epoch) { return; }
        if (!found.ok) { if (!has()) { away(found); } return; }
        if (has() && found.lock.held && found.lock.mine) { return; }
        if (config.refused && !found.lock.held) { block(false); return; }
        believe(found.lock, found.lock_html);
      }
    };
  };
})();
