<?php

$text = htmlspecialchars($raw, double_encode: false);
