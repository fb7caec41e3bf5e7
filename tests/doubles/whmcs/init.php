<?php

/**
 * What every page of the double, and every addon's own page, includes first.
 */

require_once __DIR__ . '/double/boot.php';
