// While a client writes the subject of a ticket: up to three articles that may help. If anything fails, nothing shows.
(function () {
  'use strict';
  var LEAST = 8;
  var MOST = 3;
  var PAUSE_MS = 500;
  var Deskside = window.Deskside;
  var place = Deskside && Deskside.place('deskside-suggest');
  var field = place && document.querySelector(place.config.selectors.ticketSubject);
  if (!field) { return; }
  var words = place.config.words;
  var timer;
  var asked = '';

  place.root.hidden = true;
  field.parentNode.insertBefore(place.root, field.nextSibling);

  function hide() {
    place.root.hidden = true;
    // What is empty is read out again when it is filled again.
    place.notice.textContent = '';
  }

  function item(article) {
    var link = Deskside.element('a', '', article.title);
    link.href = article.url;
    link.target = '_blank';
    link.rel = 'noopener';
    link.title = words.new_tab;
    var made = document.createElement('li');
    made.appendChild(link);
    if (article.snippet) { made.appendChild(Deskside.element('div', 'deskside-quiet', article.snippet)); }
    return made;
  }

  function show(articles) {
    var good = articles.filter(function (article) {
      return article && typeof article.title === 'string' && article.title && /^https?:\/\//i.test(article.url);
    }).slice(0, MOST);
    if (!good.length) { hide(); return; }
    var list = document.createElement('ul');
    good.forEach(function (article) { list.appendChild(item(article)); });
    while (place.body.firstChild) { place.body.removeChild(place.body.firstChild); }
    place.body.appendChild(list);
    place.root.hidden = false;
    place.notice.textContent = words.heading;
  }

  function look() {
    var query = field.value.trim();
    if (query === asked) { return; }
    asked = query;
    if (query.length < LEAST) { hide(); return; }
    Deskside.ask(place.config, 'suggest', { query: query }).then(function (found) {
      // Another text may have been asked for meanwhile.
      if (query === asked && found.ok && Array.isArray(found.articles)) { show(found.articles); }
    });
  }

  function dismiss(event) {
    if (event.key !== 'Escape' || place.root.hidden) { return; }
    if (place.root.contains(document.activeElement)) { field.focus(); }
    hide();
  }

  field.addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  field.addEventListener('keydown', dismiss);
  place.root.addEventListener('keydown', dismiss);
})();
